/** Backups that are made by themselves. */
import type * as contract from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import type { Logger } from '@cep/logging/logger';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { lockIdle, lockPresent } from '../apps/change.ts';
import { getAppView, lockAppById } from '../apps/store.ts';
import type { Loop } from '../reconciler/loop.ts';
import { beginBackup } from './begin.ts';
import {
  advanceSchedule,
  deleteSchedule,
  findDueSchedules,
  findSchedule,
  type ScheduleRow,
  setSchedule,
} from './schedule-store.ts';
import { getTargetById } from './target-store.ts';
import { chooseTarget } from './targets.ts';
import { nextAt } from './when.ts';

interface Deps {
  readonly db: Pool;
}

/** @throws {Problem} `not-found`; `no-backup-target`; `invalid-request` unless it says when, in one way */
export async function putSchedule(
  { db }: Deps,
  { params, body }: Input<typeof contract.setBackupSchedule>,
  { projectId }: UserCaller,
): Promise<contract.BackupSchedule> {
  const { everyHours, dailyAt, keep = { last: 0, daily: 0, weekly: 0 } } = body;
  if ((everyHours === undefined) === (dailyAt === undefined)) {
    throw new Problem('invalid-request', 'Give everyHours or dailyAt, one of the two.');
  }
  const schedule = await transaction(db, async (tx) => {
    const app = await lockPresent(tx, projectId, params.app);
    const target = await chooseTarget(tx, body.target);
    const when = { every_hours: everyHours ?? null, daily_at: dailyAt ?? null };
    const row: ScheduleRow = {
      ...{ app_id: app.id, target_id: target.id, ...when, next_at: nextAt(when, new Date()) },
      ...{ keep_last: keep.last, keep_daily: keep.daily, keep_weekly: keep.weekly },
    };
    await setSchedule(tx, row);
    return row;
  });
  return present(db, params.app, schedule);
}

/** @throws {Problem} `not-found` */
export async function getSchedule(
  { db }: Deps,
  { params }: Input<typeof contract.getBackupSchedule>,
  { projectId }: UserCaller,
): Promise<contract.BackupSchedule> {
  const { id, name } = await getAppView(db, projectId, params.app);
  const schedule = await findSchedule(db, id);
  if (schedule) return present(db, name, schedule);
  throw new Problem(
    'not-found',
    `"${name}" is not backed up by itself: cep backup schedule ${name} --daily-at 03:30`,
  );
}

/** Again is the same. @throws {Problem} `not-found` for the app */
export async function endSchedule(
  { db }: Deps,
  { params }: Input<typeof contract.endBackupSchedule>,
  { projectId }: UserCaller,
): Promise<void> {
  await transaction(db, async (tx) => {
    const { id } = await lockPresent(tx, projectId, params.app);
    await deleteSchedule(tx, id);
  });
}

async function present(db: Pool, app: string, row: ScheduleRow): Promise<contract.BackupSchedule> {
  const { name: target } = await getTargetById(db, row.target_id);
  return {
    ...{ app, target },
    ...(row.every_hours !== null && { everyHours: row.every_hours }),
    ...(row.daily_at !== null && { dailyAt: row.daily_at }),
    keep: { last: row.keep_last, daily: row.keep_daily, weekly: row.keep_weekly },
    nextAt: row.next_at.toISOString(),
  };
}

interface Keeping extends Deps {
  readonly sealer: Sealer;
  readonly loop: Pick<Loop, 'wake'>;
  readonly log: Logger;
}

const LOOK_MS = 30_000;

/** Begins what is due. An app that is busy is tried again, until the next time is due anyway. */
export function keepBackingUp(deps: Keeping): { stop(): void } {
  const run = () => {
    beginDue(deps).catch((error: unknown) => deps.log.warn('backups not begun', { error }));
  };
  run();
  const timer = setInterval(run, LOOK_MS).unref();
  return { stop: () => clearInterval(timer) };
}

export async function beginDue(deps: Keeping): Promise<void> {
  for (const due of await findDueSchedules(deps.db)) {
    await begin(deps, due).catch((error: unknown) => {
      const isBusy = error instanceof Problem && error.code === 'app-busy';
      if (!isBusy) deps.log.warn('backup not begun', { appId: due.app_id, error });
    });
  }
}

async function begin({ db, sealer, loop }: Keeping, due: ScheduleRow): Promise<void> {
  const isBegun = await transaction(db, async (tx) => {
    const found = await lockAppById(tx, due.app_id);
    if (!found || !(await advanceSchedule(tx, due.app_id, nextAt(due, new Date())))) return false;
    const app = await lockIdle(tx, found.project_id, found.name);
    const target = await getTargetById(tx, due.target_id);
    await beginBackup({ sealer }, tx, { app, target, cause: 'schedule' });
    return true;
  });
  if (isBegun) loop.wake(due.app_id);
}
