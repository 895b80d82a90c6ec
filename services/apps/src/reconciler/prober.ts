/**
 * Runs the health checks of containers that start, every half second, for an engine that would let a
 * whole interval pass before its first probe. Once one has passed, the engine is trusted again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Healthcheck } from '../compose/model.ts';
import type { Engine } from '../engine/engine.ts';
import type { ObservedContainer } from './state.ts';

const PAUSE_MS = 500;

type Starting = Pick<ObservedContainer, 'id' | 'startedAt' | 'health' | 'state'>;

export interface Prober {
  /**
   * Begins to probe a container that starts, unless that has begun already.
   *
   * @returns it as it is by what is known here too
   */
  look<C extends Starting>(container: C, probe: Probe): C;
  stop(): void;
}

interface Probe {
  readonly appId: string;
  readonly healthcheck: Healthcheck;
  /** Called when a container has become healthy. */
  readonly onHealthy: () => void;
}

interface Watched {
  readonly startedAt: number;
  readonly stopping: AbortController;
  isHealthy: boolean;
}

export function createProber(engine: Pick<Engine, 'run'>): Prober {
  const watched = new Map<string, Watched>();

  async function probe(id: string, own: Watched, asked: Probe): Promise<void> {
    const { appId, healthcheck, onHealthy } = asked;
    const { signal } = own.stopping;
    const deadline = Date.now() + healthcheck.startPeriod + healthcheck.interval;
    while (!signal.aborted && Date.now() < deadline) {
      const attempt = AbortSignal.any([signal, AbortSignal.timeout(healthcheck.timeout)]);
      own.isHealthy = await engine.run({ appId, id }, commandOf(healthcheck), attempt).then(
        (code) => code === 0,
        () => false,
      );
      if (own.isHealthy) return onHealthy();
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }

  return {
    look(container, asked) {
      const { id, startedAt, state, health } = container;
      let own = watched.get(id);
      if (own && (own.startedAt !== startedAt || state !== 'running' || health !== 'starting')) {
        own.stopping.abort();
        watched.delete(id);
        own = undefined;
      }
      if (state !== 'running' || health !== 'starting') return container;
      if (!own && Math.min(asked.healthcheck.interval, PAUSE_MS) < asked.healthcheck.interval) {
        own = { startedAt, stopping: new AbortController(), isHealthy: false };
        watched.set(id, own);
        void probe(id, own, asked);
      }
      return own?.isHealthy ? { ...container, health: 'healthy' } : container;
    },
    stop() {
      for (const { stopping } of watched.values()) stopping.abort();
      watched.clear();
    },
  };
}

/** As the engine would run it: a line goes to the container's shell. */
function commandOf({ test: [kind, ...words] }: Healthcheck): string[] {
  return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', words.join(' ')] : words;
}
