import type { Bundle } from '@cep/contracts/bundle';
import { parseCertificate } from '@cep/nebula/certificates';
import { readsVersion2 } from '@cep/nebula/versions';
import { type AgentState, readState } from './agent-state.ts';
import { type Enrolment, findEnrolment } from './enrolment.ts';
import type { HostFolder } from './host-folder.ts';
import { isUp } from './interface.ts';
import { type NamesState, readNamesState } from './names/names-state.ts';
import { findStrays } from './nebula-process.ts';
import { deviceOf } from './nebula-settings.ts';
import { renewalTime } from './renewal.ts';
import { findSupervisor } from './supervisor-record.ts';

export interface HostStatus {
  readonly network: string;
  readonly host: string;
  /** By which others on the network find it. */
  readonly name: string | null;
  /**
   * `starting`: no address on the interface yet. `unsupervised`: nebula runs, but what looked after
   * it was killed; connecting again takes over.
   */
  readonly state: 'running' | 'starting' | 'unsupervised' | 'stopped' | 'not enrolled';
  /** Of the supervisor. */
  readonly pid: number | null;
  readonly address: string | null;
  readonly address6: string | null;
  readonly interface: string | null;
  readonly certificateExpiresAt: string | null;
  /** Of the bundle in use. */
  readonly bundleVersion: number | null;
  readonly nebulaVersion: string | null;
  /** False: it was imported, and lives from disk alone. */
  readonly live: boolean;
  /** Whether the agent has a connection to the control plane; without one it goes on as it is. */
  readonly connected: boolean;
  /** Where its names are answered, and what asks there; null when they are not. */
  readonly names: NamesState | null;
  /** What is wrong, as a sentence. */
  readonly problem: string | null;
  readonly lighthouses: readonly string[];
}

/** What one host of this machine does; no server is asked. */
export async function statusOf(folder: HostFolder): Promise<HostStatus> {
  const { network, host } = folder;
  const enrolment = await findEnrolment(folder);
  const bundle = enrolment?.content;
  const live = !enrolment || enrolment.server !== undefined;
  const agent = readState(folder);
  const device = deviceOf(network);
  const supervisor = findSupervisor(folder);
  return {
    network,
    host,
    name: bundle?.names === undefined ? null : `${host}.${network}`,
    state: stateOf(folder, bundle, supervisor !== undefined),
    pid: supervisor?.pid ?? null,
    address: bundle?.host.address.split('/')[0] ?? null,
    address6: address6Of(bundle, agent?.nebulaVersion ?? null),
    interface: bundle?.host.interface ? device : null,
    certificateExpiresAt: bundle ? expiryOf(bundle).toISOString() : null,
    bundleVersion: bundle?.version ?? null,
    nebulaVersion: agent?.nebulaVersion ?? null,
    live,
    connected: supervisor !== undefined && agent?.connected === true,
    names: (supervisor && readNamesState(folder)) ?? null,
    problem: problemOf({ enrolment, folder, agent: supervisor && agent }),
    lighthouses: bundle?.lighthouses.flatMap(({ endpoints }) => endpoints) ?? [],
  };
}

function address6Of(bundle: Bundle | undefined, nebulaVersion: string | null): string | null {
  const isRead = nebulaVersion !== null && readsVersion2(nebulaVersion);
  return (isRead && bundle?.version2?.host.address.split('/')[0]) || null;
}

interface Seen {
  readonly enrolment: Enrolment | undefined;
  readonly folder: HostFolder;
  /** Of one that runs. */
  readonly agent: AgentState | undefined;
}

function problemOf({ enrolment, folder: { network, host }, agent }: Seen): string | null {
  if (!enrolment) {
    return `Its enrolment did not end well: connect again, or forget it with "cep host disconnect ${network} ${host} --forget".`;
  }
  if (agent?.problem) return agent.problem;
  if (enrolment.server) return agent?.disconnectedBecause ?? null;
  const { certificate } = enrolment.content;
  if (new Date() < renewalTime(certificate)) return null;
  const end = expiryOf(enrolment.content).toISOString();
  return `Its certificate ends on ${end}: make another archive with "cep host bundle ${network} ${host}", and import it.`;
}

export const expiryOf = ({ certificate }: Bundle): Date =>
  new Date(parseCertificate(certificate).notAfter * 1000);

function stateOf(
  folder: HostFolder,
  bundle: Bundle | undefined,
  supervised: boolean,
): HostStatus['state'] {
  if (!bundle) return 'not enrolled';
  if (!supervised) return findStrays(folder).length > 0 ? 'unsupervised' : 'stopped';
  return isUp(folder, bundle) ? 'running' : 'starting';
}
