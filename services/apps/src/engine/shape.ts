/** What the planner knows of a container, from what was asked for and from what the engine shows. */
import type { Limits } from '../reconciler/state.ts';

/** The part that the body of a creation and the answer of an inspection have alike. */
export interface HostConfig {
  readonly Memory?: number | undefined;
  readonly MemoryReservation?: number | undefined;
  readonly CpuQuota?: number | undefined;
  readonly CpuShares?: number | undefined;
  readonly PidsLimit?: number | null | undefined;
  readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number };
  readonly PortBindings?: unknown;
  readonly Mounts?: readonly object[] | undefined;
}

export const limitsOf = (config: HostConfig): Limits => ({
  memoryBytes: config.Memory ?? 0,
  memoryReservationBytes: config.MemoryReservation ?? 0,
  cpuQuota: config.CpuQuota ?? 0,
  cpuShares: config.CpuShares ?? 0,
  pids: config.PidsLimit ?? 0,
  restart: config.RestartPolicy?.Name || 'no',
  restartLimit: config.RestartPolicy?.MaximumRetryCount ?? 0,
});

/** Limits of an engine that does not know all of them; see {@link Abilities}. */
export const without = (unheld: readonly (keyof Limits)[], limits: Limits): Limits => ({
  ...limits,
  ...Object.fromEntries(unheld.map((key) => [key, 0])),
});

type Bindings = Readonly<Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>>;

/** @returns e.g. `volume cep-redis-1f3a9c2b-data`, `tcp 127.0.0.1:6379` */
export function holdsOf({ Mounts = [], PortBindings }: HostConfig): string[] {
  const ports = Object.entries((PortBindings ?? {}) as Bindings).flatMap(([port, bound]) =>
    (bound ?? []).map(({ HostIp, HostPort }) => `${port.split('/')[1]} ${HostIp}:${HostPort}`),
  );
  const mounts = Mounts as { Type?: string; Source?: string; ReadOnly?: boolean }[];
  const volumes = mounts.flatMap(({ Type, Source, ReadOnly }) =>
    (Type === 'volume' || Type === 'bind') && !ReadOnly ? `${Type} ${Source}` : [],
  );
  return [...volumes, ...ports];
}
