/** The folders of pools in memory, and the containers that work in them: a moment after their start. */
import type { ObservedContainer } from '../reconciler/state.ts';
import type { Engine } from './engine.ts';
import { LABELS } from './labels.ts';
import { judgePoolHelper } from './policy/pool-helper.ts';
import { judgeTargetHelper } from './policy/target-helper.ts';
import type { Refusal } from './policy.ts';
import type { PoolPayload } from './pool-payload.ts';
import { SCRIPTS, type Script } from './pool-scripts.ts';
import type { TargetPayload } from './target-payload.ts';

interface Helper {
  readonly id: string;
  readonly name: string;
  readonly payload: PoolPayload | TargetPayload;
  state: 'created' | 'running' | 'exited';
  startedAt: number;
}

const scriptOf = ({ Entrypoint }: Helper['payload']): Script | undefined =>
  (Object.keys(SCRIPTS) as Script[]).find((name) => SCRIPTS[name] === Entrypoint[2]);

/** @param gone  what was in the folder of a volume is not there any more */
export function createMemoryPool(soon: number, gone: (volume: string) => void) {
  /** Of volumes, e.g. `/srv/fast/cep-web-1f3a9c2b-data`. */
  const folders = new Set<string>();
  const helpers = new Map<string, Helper>();
  let count = 0;

  const settle = (helper: Helper): Helper => {
    if (helper.state !== 'running' || Date.now() < helper.startedAt + soon) return helper;
    const { Cmd, HostConfig } = helper.payload;
    const folder = `${HostConfig.Mounts[0]?.Source}/${Cmd[1]}`;
    const script = scriptOf(helper.payload);
    if (script === 'make') folders.add(folder);
    if (script === 'discard') {
      folders.delete(folder);
      gone(Cmd[1] ?? '');
    }
    helper.state = 'exited';
    return helper;
  };
  const all = () => [...helpers.values()].map(settle);
  const find = (idOrName: string) =>
    all().find(({ id, name }) => id === idOrName || name === idOrName);

  function create(name: string, payload: Helper['payload'], refusal: Refusal | undefined) {
    if (refusal) throw new Error(refusal.message);
    if (find(name)) return;
    const id = `pool-${++count}`;
    helpers.set(id, { id, name, payload, state: 'created', startedAt: 0 });
  }

  const asked: Pick<Engine, 'createPoolHelper' | 'createTargetHelper' | 'loneHelpers'> = {
    createPoolHelper: async (name, payload, scope) =>
      create(name, payload, judgePoolHelper(payload, scope)),
    createTargetHelper: async (name, payload, scope) =>
      create(name, payload, judgeTargetHelper(payload, scope)),
    loneHelpers: async (kind) =>
      all()
        .filter(({ payload }) => payload.Labels[LABELS.helper] === kind)
        .map(show),
  };

  return {
    folders,
    asked,
    left: () => all().map(({ name, state }) => `${name} ${state}`),
    /** @returns whether it was one of these */
    start(idOrName: string): boolean {
      const helper = find(idOrName);
      if (helper) Object.assign(helper, { state: 'running', startedAt: Date.now() });
      return helper !== undefined;
    },
    remove: (id: string): boolean => helpers.delete(id),
  };
}

const show = ({ id, name, state, startedAt }: Helper): ObservedContainer => ({
  ...{ id, name, state, startedAt, finishedAt: startedAt, exitCode: 0, restarts: 0 },
  ...{ service: '', spec: '', health: 'none', holds: [], outOfMemory: false },
  limits: { memoryBytes: 0, cpuQuota: 0, pids: 0, restart: 'no', networks: [] },
});
