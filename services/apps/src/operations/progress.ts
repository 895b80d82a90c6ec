/**
 * How far the work on each app is. Kept in memory: after a restart the work begins anew, and so does
 * this.
 */
import { EventEmitter, once } from 'node:events';
import type { Operation } from '@cep/contracts/operations';

type Now = Pick<Operation, 'step' | 'pulls'>;

export interface Progress {
  of(appId: string): Now;
  step(appId: string, step: string): void;
  pulled(appId: string, pull: Operation['pulls'][number]): void;
  /** Tells watchers to look again, e.g. since an operation has ended. */
  touch(appId: string): void;
  forget(appId: string): void;
  /** Resolves at the next change of the app, or when `signal` aborts. */
  changed(appId: string, signal: AbortSignal): Promise<void>;
}

const NOTHING: Now = { step: 'waiting', pulls: [] };

export function createProgress(): Progress {
  const now = new Map<string, Now>();
  const changes = new EventEmitter().setMaxListeners(0);
  const set = (appId: string, next: Partial<Now>) => {
    now.set(appId, { ...(now.get(appId) ?? NOTHING), ...next });
    changes.emit(appId);
  };
  return {
    of: (appId) => now.get(appId) ?? NOTHING,
    step: (appId, step) => set(appId, { step }),
    pulled(appId, pull) {
      const others = (now.get(appId)?.pulls ?? []).filter(({ image }) => image !== pull.image);
      set(appId, { pulls: [...others, pull].sort((a, b) => a.image.localeCompare(b.image)) });
    },
    touch: (appId) => void changes.emit(appId),
    forget(appId) {
      now.delete(appId);
      changes.emit(appId);
    },
    async changed(appId, signal) {
      await once(changes, appId, { signal }).catch(() => signal.aborted);
    },
  };
}
