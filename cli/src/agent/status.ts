import type { Bundle } from '@cep/contracts/bundle';
import { parseCertificate } from '@cep/nebula/certificates';
import { readsVersion2 } from '@cep/nebula/versions';
import { readState } from './agent-state.ts';
import { findEnrolment } from './enrolment.ts';
import type { HostFolder } from './host-folder.ts';
import { isUp } from './interface.ts';
import { findStrays } from './nebula-process.ts';
import { deviceOf } from './nebula-settings.ts';
import { findSupervisor } from './supervisor-record.ts';

export interface HostStatus {
  readonly network: string;
  readonly host: string;
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
  /** Whether the agent has a connection to the control plane; without one it goes on as it is. */
  readonly connected: boolean;
  /** What is wrong, as a sentence. */
  readonly problem: string | null;
  readonly lighthouses: readonly string[];
}

/** What one host of this machine does; no server is asked. */
export async function statusOf(folder: HostFolder): Promise<HostStatus> {
  const { network, host } = folder;
  const bundle = (await findEnrolment(folder))?.content;
  const agent = readState(folder);
  const device = deviceOf(network);
  const supervisor = findSupervisor(folder);
  return {
    network,
    host,
    state: stateOf(folder, bundle, supervisor !== undefined),
    pid: supervisor?.pid ?? null,
    address: bundle?.host.address.split('/')[0] ?? null,
    address6: address6Of(bundle, agent?.nebulaVersion ?? null),
    interface: bundle?.host.interface ? device : null,
    certificateExpiresAt: bundle ? expiryOf(bundle).toISOString() : null,
    bundleVersion: bundle?.version ?? null,
    nebulaVersion: agent?.nebulaVersion ?? null,
    connected: supervisor !== undefined && agent?.connected === true,
    problem: (supervisor && (agent?.problem ?? agent?.disconnectedBecause)) ?? null,
    lighthouses: bundle?.lighthouses.flatMap(({ endpoints }) => endpoints) ?? [],
  };
}

function address6Of(bundle: Bundle | undefined, nebulaVersion: string | null): string | null {
  const isRead = nebulaVersion !== null && readsVersion2(nebulaVersion);
  return (isRead && bundle?.version2?.host.address.split('/')[0]) || null;
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
