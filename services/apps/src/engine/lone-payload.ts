/** What the containers have in common that cep runs for no app: a script, and little else. Pure. */
import { LABELS } from './labels.ts';
import { CPU_PERIOD } from './policy/limits.ts';

/** What they are for, as their label says: work in pools, or to try a place for backups. */
export type LoneKind = 'pool' | 'target';

export interface LoneHelper {
  readonly instance: string;
  /** An image with a shell, the one that backups are made with. */
  readonly image: string;
}

interface Own<M> {
  /** Of `sh`: a constant. What differs is in `words` and in `environment`. */
  readonly script: string;
  readonly words: readonly string[];
  readonly capabilities: readonly string[];
  readonly mounts: readonly M[];
  readonly environment?: readonly string[];
  /** Whether it is one that reaches others, and is given files; else it has no network, and writes none. */
  readonly reachesOut?: boolean;
}

const LIMITS = { memoryBytes: 2 ** 28, pids: 64, cpus: 1 };

/** @returns the body of `POST /containers/create` */
export function lonePayload<M>(kind: LoneKind, { instance, image }: LoneHelper, own: Own<M>) {
  const { script, words, capabilities, mounts, environment, reachesOut = false } = own;
  const labels: Record<string, string> = { [LABELS.instance]: instance, [LABELS.helper]: kind };
  return {
    Image: image,
    Entrypoint: ['/bin/sh', '-c', script, 'cep'],
    Cmd: [...words],
    ...(environment && { Env: [...environment] }),
    User: '0:0',
    Labels: labels,
    HostConfig: {
      NetworkMode: reachesOut ? 'bridge' : 'none',
      Mounts: [...mounts],
      RestartPolicy: { Name: 'no' },
      ReadonlyRootfs: !reachesOut,
      CapDrop: ['ALL'],
      CapAdd: [...capabilities],
      SecurityOpt: ['no-new-privileges:true'],
      PidsLimit: LIMITS.pids,
      Memory: LIMITS.memoryBytes,
      MemorySwap: LIMITS.memoryBytes,
      CpuPeriod: CPU_PERIOD,
      CpuQuota: LIMITS.cpus * CPU_PERIOD,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    },
  };
}
