/** The folders of pools in memory, and the containers that work in them: a moment after their start. */
import type { ObservedContainer } from '../reconciler/state.ts';
import type { Engine } from './engine.ts';
import { judgePoolHelper } from './policy/pool-helper.ts';
import type { PoolPayload } from './pool-payload.ts';
import { SCRIPTS, type Script } from './pool-scripts.ts';
import { limitsOf } from './shape.ts';

interface Helper {
  readonly id: string;
  readonly name: string;
  readonly payload: PoolPayload;
  state: 'created' | 'running' | 'exited';
  startedAt: number;
}

const scriptOf = ({ Entrypoint }: PoolPayload): Script | undefined =>
  (Object.keys(SCRIPTS) as Script[]).find((name) => SCRIPTS[name] === Entrypoint[2]);

export function createMemoryPool(soon: number) {
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
    if (script === 'discard') folders.delete(folder);
    helper.state = 'exited';
    return helper;
  };
  const all = () => [...helpers.values()].map(settle);
  const find = (idOrName: string) =>
    all().find(({ id, name }) => id === idOrName || name === idOrName);

  const asked: Pick<Engine, 'createPoolHelper' | 'poolHelpers'> = {
    async createPoolHelper(name, payload, scope) {
      const refusal = judgePoolHelper(payload, scope);
      if (refusal) throw new Error(refusal.message);
      if (find(name)) return;
      const id = `pool-${++count}`;
      helpers.set(id, { id, name, payload, state: 'created', startedAt: 0 });
    },
    poolHelpers: async () => all().map(show),
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
  networks: [],
  limits: limitsOf({}),
});
