import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

export interface ScheduleRow {
  readonly app_id: string;
  readonly target_id: string;
  readonly every_hours: number | null;
  readonly daily_at: string | null;
  readonly keep_last: number;
  readonly keep_daily: number;
  readonly keep_weekly: number;
  readonly next_at: Date;
}

export async function findSchedule(db: Db, appId: string): Promise<ScheduleRow | undefined> {
  const { rows } = await db.query<ScheduleRow>(sql`
    select * from backup_schedules where app_id = ${appId}`);
  return rows[0];
}

export async function setSchedule(tx: Tx, schedule: ScheduleRow): Promise<void> {
  await tx.query(sql`
    insert into backup_schedules (app_id, target_id, every_hours, daily_at, keep_last, keep_daily,
      keep_weekly, next_at)
    values (${schedule.app_id}, ${schedule.target_id}, ${schedule.every_hours},
      ${schedule.daily_at}, ${schedule.keep_last}, ${schedule.keep_daily},
      ${schedule.keep_weekly}, ${schedule.next_at})
    on conflict (app_id) do update
    set target_id = excluded.target_id, every_hours = excluded.every_hours,
      daily_at = excluded.daily_at, keep_last = excluded.keep_last,
      keep_daily = excluded.keep_daily, keep_weekly = excluded.keep_weekly,
      next_at = excluded.next_at`);
}

export async function deleteSchedule(tx: Tx, appId: string): Promise<boolean> {
  const { rowCount } = await tx.query(sql`delete from backup_schedules where app_id = ${appId}`);
  return rowCount === 1;
}

export async function findDueSchedules(db: Db): Promise<ScheduleRow[]> {
  const { rows } = await db.query<ScheduleRow>(sql`
    select * from backup_schedules where next_at <= now() order by next_at`);
  return rows;
}

/** @returns whether it was still due: of two processes one has it */
export async function advanceSchedule(tx: Tx, appId: string, next: Date): Promise<boolean> {
  const { rowCount } = await tx.query(sql`
    update backup_schedules set next_at = ${next} where app_id = ${appId} and next_at <= now()`);
  return rowCount === 1;
}
