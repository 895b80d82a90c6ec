import type { HookRun } from '@cep/contracts/generations';
import { sql } from '@cep/database/sql';
import type { Db } from '@cep/database/transaction';
import type { Hook } from '../compose/model.ts';

/** One that has begun, or ended; `exec` is the engine's id for it. */
export type Run = Omit<HookRun, 'phase'> & { readonly exec: string | null };

/** By phase; absent: has not begun. */
export type Runs = Readonly<Partial<Record<Hook['phase'], Run>>>;

export async function updateRun(
  db: Db,
  { appId, number }: { readonly appId: string; readonly number: number },
  phase: Hook['phase'],
  run: Run,
): Promise<void> {
  await db.query(sql`
    update generations
    set hooks = hooks || jsonb_build_object(${phase}::text, ${JSON.stringify(run)}::jsonb)
    where app_id = ${appId} and number = ${number}`);
}
