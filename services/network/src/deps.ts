import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';

/** What the operations of this service work with. */
export interface Deps {
  readonly db: Pool;
  /** Under the master key. */
  readonly sealer: Sealer;
  readonly lifetimes: { readonly authorityDays: number; readonly certificateDays: number };
}
