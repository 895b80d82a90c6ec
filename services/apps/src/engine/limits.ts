/** What bounds a container and can be changed while it runs: as it is created with, and updated to. Pure. */
import type { Service } from '../compose/model.ts';
import type { Limits } from '../reconciler/state.ts';
import { CPU_PERIOD } from './policy/limits.ts';

/** What a service gets that does not say; the policy lets nothing be without a limit. */
const DEFAULTS = { pids: 512, memoryBytes: 2 * 2 ** 30, cpus: 2 };

/** What a service may use at most, said or not. */
export const limitsOf = ({ memoryBytes, cpus, pids }: Service) => ({
  memoryBytes: memoryBytes ?? DEFAULTS.memoryBytes,
  cpus: cpus ?? DEFAULTS.cpus,
  pids: pids ?? DEFAULTS.pids,
});

/** Of the `HostConfig` of a container that is to be made. */
export function limitsPayload(service: Service) {
  const { memoryBytes, cpus, pids } = limitsOf(service);
  const { memoryReservationBytes = 0, cpuShares = 0, restart, restartLimit = 0 } = service;
  return {
    RestartPolicy: restartPolicy(restart, restartLimit),
    PidsLimit: pids,
    ...memory(memoryBytes),
    ...processors(Math.round(cpus * CPU_PERIOD)),
    ...(memoryReservationBytes && {
      MemoryReservation: Math.min(memoryReservationBytes, memoryBytes),
    }),
    ...(cpuShares && { CpuShares: cpuShares }),
  };
}

/**
 * @returns the body of `POST /containers/ID/update`. The engine takes a member that is 0 for one that is
 *   to stay as it is, so none is sent
 */
export function updatePayload(limits: Partial<Limits>) {
  const { memoryBytes, memoryReservationBytes, cpuQuota, cpuShares, pids, restart } = limits;
  return {
    ...(restart && { RestartPolicy: restartPolicy(restart, limits.restartLimit ?? 0) }),
    ...(pids && { PidsLimit: pids }),
    ...(memoryBytes && memory(memoryBytes)),
    ...(cpuQuota && processors(cpuQuota)),
    ...(memoryReservationBytes && { MemoryReservation: memoryReservationBytes }),
    ...(cpuShares && { CpuShares: cpuShares }),
  };
}

/** Without swap. */
const memory = (bytes: number) => ({ Memory: bytes, MemorySwap: bytes });

/** A quota may be of more processors than there are, unlike `NanoCpus`. */
const processors = (quota: number) => ({ CpuPeriod: CPU_PERIOD, CpuQuota: quota });

const restartPolicy = (name: string, limit: number) => ({
  Name: name,
  ...(limit && { MaximumRetryCount: limit }),
});
