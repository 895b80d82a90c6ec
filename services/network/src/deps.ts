import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import type { CurrentBundle } from './bundles/desk.ts';

/** What the operations of this service work with. */
export interface Deps {
  readonly db: Pool;
  /** Under the master key. */
  readonly sealer: Sealer;
  readonly lifetimes: { readonly authorityDays: number; readonly certificateDays: number };
  readonly currentBundle: CurrentBundle;
}
