import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import type { Engine } from '../engine/engine.ts';
import type { Progress } from '../operations/progress.ts';
import type { Loop } from '../reconciler/loop.ts';
import type { Store } from '../templates/builtin-store.ts';

/** What the operations on apps use. */
export interface Deps {
  readonly db: Pool;
  /** The id of this installation. */
  readonly instance: string;
  readonly sealer: Sealer;
  readonly store: Store;
  readonly engine: Engine;
  readonly engineIsUp: () => boolean;
  readonly loop: Pick<Loop, 'wake' | 'interrupt'>;
  readonly progress: Progress;
  /** The IPv4 addresses of the machine that runs the apps. */
  readonly hostAddresses: () => Promise<readonly string[]>;
  /** Of the machine that runs the apps, e.g. `linux/amd64`. */
  readonly platform: string;
  /** e.g. `Europe/Rome`: what apps are told. */
  readonly timezone: string;
}
