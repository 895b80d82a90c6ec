import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import type { Engines } from '../engines/registry.ts';
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
  readonly engines: Engines;
  /** Where images may come from; from anywhere when left out. */
  readonly registries?: readonly string[] | undefined;
  readonly loop: Pick<Loop, 'wake' | 'interrupt'>;
  readonly progress: Progress;
  /** e.g. `Europe/Rome`: what apps are told. */
  readonly timezone: string;
  /** e.g. `en-US`: what apps are told. */
  readonly language: string;
}
