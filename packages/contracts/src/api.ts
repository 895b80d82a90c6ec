/** Every endpoint there is, by name: what the gateway describes in OpenAPI and tests walk through. */
import * as agents from './agents.ts';
import * as allApps from './all-apps.ts';
import * as apps from './apps.ts';
import * as backups from './backups.ts';
import type { Endpoint } from './endpoint.ts';
import * as engines from './engines.ts';
import * as executions from './executions.ts';
import * as generations from './generations.ts';
import * as happenings from './happenings.ts';
import * as hosts from './hosts.ts';
import * as logs from './logs.ts';
import * as networks from './networks.ts';
import * as operations from './operations.ts';
import * as orphans from './orphans.ts';
import * as plans from './plans.ts';
import * as policies from './policies.ts';
import * as pools from './pools.ts';
import * as records from './records.ts';
import * as renderings from './renderings.ts';
import * as rotations from './rotations.ts';
import * as templates from './templates.ts';
import * as usage from './usage.ts';
import * as users from './users.ts';
import * as volumes from './volumes.ts';

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value;

export const api: Readonly<Record<string, Endpoint>> = Object.fromEntries(
  [
    ...[networks, policies, records, rotations, hosts, agents],
    ...[templates, apps, allApps, generations, plans, renderings, operations],
    ...[logs, usage, happenings, executions],
    ...[volumes, pools, orphans, backups, engines, users],
  ]
    .flatMap((module) => Object.entries(module))
    .filter((entry): entry is [string, Endpoint] => isEndpoint(entry[1])),
);
