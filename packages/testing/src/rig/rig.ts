import { type ComponentName, components, missing, type RigEnvironment } from '../components.ts';
import { nebulaEnvironment } from '../nebula.ts';
import { dnsClients } from './dns-clients.ts';
import { startDockerd } from './dockerd.ts';
import type { Part } from './part.ts';
import { startPostgres } from './postgres.ts';
import { startRabbitmq } from './rabbitmq.ts';
import { startRegistry } from './registry.ts';
import { systemd } from './systemd.ts';

export interface Rig {
  readonly env: RigEnvironment;
  readonly missing: readonly ComponentName[];
  stop(): Promise<void>;
}

/**
 * Starts every component that this machine has, side by side, with its files under `folder`.
 *
 * @throws when one that is installed does not start, after ending the others
 */
export async function startRig(folder: string): Promise<Rig> {
  const starting = [startPostgres(folder), startRabbitmq(folder), startDocker(folder)];
  const outcomes = await Promise.allSettled(starting);
  const parts = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? (outcome.value ?? []) : [],
  );
  const stop = async () => {
    await Promise.allSettled(parts.map((part) => part.stop()));
  };
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }
  const env = Object.assign(
    nebulaEnvironment(),
    dnsClients(),
    systemd(),
    ...parts.map((part) => part.env),
  );
  const names = Object.keys(components) as ComponentName[];
  return { env, missing: missing(names, { ...process.env, ...env }), stop };
}

/** The engine and the registry that it pulls from. */
async function startDocker(folder: string): Promise<Part | undefined> {
  const registry = await startRegistry(folder);
  if (!registry) return;
  const engine = await startDockerd(folder, registry.env.TEST_REGISTRY ?? '');
  return {
    env: { ...registry.env, ...engine?.env },
    async stop() {
      await engine?.stop();
      await registry.stop();
    },
  };
}
