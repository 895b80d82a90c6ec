import { Change, deployApp, params } from './apps.ts';
import { endpoint } from './endpoint.ts';
import { DnsLabel, oneOf, type Static, Type } from './schema.ts';

const Digest = Type.Union([Type.String(), Type.Null()], {
  description: 'sha256:…; null: not known',
});

/** What a person is to see of an update before it is made. No values: some are secret. */
const Review = Type.Object({
  version: Type.Object({ from: Type.String(), to: Type.String() }),
  permissions: Type.Array(
    Type.Object({
      permission: Type.String(),
      path: Type.String({ description: 'where it is asked for' }),
      reason: Type.Union([Type.String(), Type.Null()], { description: "the template's own" }),
      granted: Type.Boolean({
        description: 'false: the update is refused until an administrator grants it',
      }),
    }),
    { description: 'all that it needs beyond what every app may' },
  ),
  changes: Type.Array(
    Type.Object({
      service: DnsLabel,
      is: oneOf('new', 'gone', 'changed'),
      what: Type.Array(Type.String(), { description: 'e.g. image, environment, mounts' }),
    }),
  ),
  notes: Type.Array(Type.String(), { description: 'what the template says of the change' }),
});
export type Review = Static<typeof Review>;

export const Plan = Type.Object({
  app: DnsLabel,
  images: Type.Array(
    Type.Object({
      service: DnsLabel,
      image: Type.String({ description: 'as the template has it, e.g. redis:8' }),
      from: Digest,
      to: Digest,
    }),
    { description: 'services that will run another image than now' },
  ),
  review: Type.Union([Review, Type.Null()], { description: 'null: it is no update' }),
  steps: Type.Array(
    Type.Object({
      do: Type.String({ description: 'e.g. pull, create, start, wait, stop, remove' }),
      what: Type.String(),
      after: Type.Array(Type.Integer({ minimum: 1 }), {
        description: 'numbers of the steps before it, from 1',
      }),
    }),
  ),
});
export type Plan = Static<typeof Plan>;

export const planDeployment = endpoint({
  method: 'post',
  path: '/v1/plans',
  summary: 'Show what a deployment would do, and do nothing',
  status: 200,
  body: deployApp.body,
  reply: Plan,
});

export const planUpdate = endpoint({
  method: 'post',
  path: '/v1/apps/:app/plan',
  summary: 'Show what an update would do, and do nothing',
  status: 200,
  params,
  body: Change,
  reply: Plan,
});
