import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import type { Engine } from '../engine/engine.ts';
import type { Progress } from '../operations/progress.ts';
import type { Loop } from '../reconciler/loop.ts';
import type { Store } from '../templates/builtin-store.ts';

/** What the operations on apps use. */
export interface Deps {
  readonly db: Pool;
  readonly sealer: Sealer;
  readonly store: Store;
  readonly engine: Engine;
  /** This installation, as the engine knows it. */
  readonly instance: string;
  readonly engineIsUp: () => boolean;
  readonly loop: Pick<Loop, 'wake' | 'interrupt'>;
  readonly progress: Progress;
  /** The IPv4 addresses of the machine that runs the apps. */
  readonly hostAddresses: () => Promise<readonly string[]>;
  /** e.g. `Europe/Rome`: what apps are told. */
  readonly timezone: string;
}
