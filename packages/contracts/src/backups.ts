import { appSource } from './app-source.ts';
import { App, Reason } from './apps.ts';
import { endpoint } from './endpoint.ts';
import { Operation } from './operations.ts';
import { Grant } from './permissions.ts';
import { Pools } from './pools.ts';
import { closed, DnsLabel, oneOf, type Static, Timestamp, Type } from './schema.ts';

/** How an app is kept from writing while it is copied; `hot`: not at all, but its databases are dumped. */
export const BackupMode = oneOf('stop', 'pause', 'hot');
export type BackupMode = Static<typeof BackupMode>;

/** A place for backups. Each app has an encrypted restic repository of its own there. */
export const BackupTarget = Type.Object({
  name: DnsLabel,
  kind: oneOf('folder', 's3'),
  location: Type.String({ description: 'e.g. /srv/backups, or s3:https://s3.example.com/bucket' }),
  isDefault: Type.Boolean(),
  backups: Type.Integer({ minimum: 0 }),
  createdAt: Timestamp,
});
export type BackupTarget = Static<typeof BackupTarget>;

const Volumes = (description: string) =>
  Type.Array(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$' }), {
    ...{ minItems: 1, maxItems: 100, uniqueItems: true, description },
  });

export const Backup = Type.Object({
  id: DnsLabel,
  app: DnsLabel,
  target: DnsLabel,
  state: oneOf('running', 'complete', 'failed'),
  cause: oneOf('asked', 'schedule', 'update'),
  mode: BackupMode,
  store: DnsLabel,
  template: DnsLabel,
  version: Type.String(),
  volumes: Type.Array(Type.String(), { description: 'those that were copied' }),
  only: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description:
      'the volumes that were named, by the template’s names; null: it is of the whole app',
  }),
  dumps: Type.Array(Type.Object({ service: DnsLabel, kind: Type.String() }), {
    description: 'databases that went on, and were dumped in place of what is in their volumes',
  }),
  sizeBytes: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  addedBytes: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: 'what the target did not have yet, before compression',
  }),
  reason: Type.Union([Reason, Type.Null()]),
  createdAt: Timestamp,
  finishedAt: Type.Union([Timestamp, Type.Null()]),
});
export type Backup = Static<typeof Backup>;

export const BackupDetails = Type.Object({
  ...Backup.properties,
  repository: Type.String({ description: 'as restic names it, on the machine of the engine' }),
  snapshot: Type.Union([Type.String(), Type.Null()], { description: "restic's" }),
});
export type BackupDetails = Static<typeof BackupDetails>;

const count = (what: string) =>
  Type.Integer({ minimum: 0, maximum: 1000, default: 0, description: what });

/** What a schedule keeps; what none of them keeps is deleted. All zero: everything is kept. */
export const Retention = closed({
  last: count('so many of the newest'),
  daily: count('the newest of each of so many days'),
  weekly: count('the newest of each of so many weeks'),
});
export type Retention = Static<typeof Retention>;

const when = {
  everyHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 24 * 31 })),
  dailyAt: Type.Optional(
    Type.String({
      pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
      description: 'UTC, e.g. 03:30; in place of everyHours',
    }),
  ),
};

export const BackupSchedule = Type.Object({
  app: DnsLabel,
  target: DnsLabel,
  ...when,
  keep: Retention,
  nextAt: Timestamp,
});
export type BackupSchedule = Static<typeof BackupSchedule>;

const targetParams = closed({ target: DnsLabel });
const appParams = closed({ app: DnsLabel });
const backupParams = closed({ backup: DnsLabel });

const triedOn = Type.String({
  ...DnsLabel,
  description: 'the engine from whose machine it is tried; "local" if not told',
});

export const addBackupTarget = endpoint({
  method: 'post',
  path: '/v1/backup-targets',
  summary:
    'Add a place for backups: a folder of the machine that runs the apps, or S3; for administrators',
  status: 201,
  body: closed({
    name: DnsLabel,
    location: Type.String({ minLength: 1, maxLength: 1000 }),
    keyId: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: '^[!-~]+$' })),
    keySecret: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: '^[!-~]+$' })),
    isDefault: Type.Optional(Type.Boolean({ description: 'the first one is unless this says no' })),
    check: Type.Optional(
      Type.Boolean({ description: 'it is tried, and kept if it works, unless this says no' }),
    ),
    engine: Type.Optional(triedOn),
  }),
  reply: BackupTarget,
});

export const checkBackupTarget = endpoint({
  method: 'post',
  path: '/v1/backup-targets/:target/check',
  summary: 'Try whether a place for backups can be written; for administrators',
  status: 200,
  params: targetParams,
  body: closed({ engine: Type.Optional(triedOn) }),
  reply: Type.Object({
    freeBytes: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'of a folder',
    }),
  }),
});

export const listBackupTargets = endpoint({
  method: 'get',
  path: '/v1/backup-targets',
  summary: 'List the places for backups',
  status: 200,
  reply: Type.Object({ targets: Type.Array(BackupTarget) }),
});

export const removeBackupTarget = endpoint({
  method: 'delete',
  path: '/v1/backup-targets/:target',
  summary: 'Forget a place for backups that has none; nothing there is deleted; for administrators',
  status: 204,
  params: targetParams,
});

export const getBackupKey = endpoint({
  method: 'get',
  path: '/v1/backup-targets/:target/key',
  summary: 'Show the password of the repositories of a target; for administrators',
  status: 200,
  params: targetParams,
  reply: Type.Object({ password: Type.String() }),
});

export const createBackup = endpoint({
  method: 'post',
  path: '/v1/apps/:app/backups',
  summary: 'Back up an app: its volumes, its template and its parameters',
  status: 202,
  params: appParams,
  body: closed({
    target: Type.Optional(DnsLabel),
    mode: Type.Optional(BackupMode),
    volumes: Type.Optional(Volumes('only these; left out: those that the template has backed up')),
  }),
  reply: Type.Object({ backup: Backup, operation: Operation }),
});

export const listBackups = endpoint({
  method: 'get',
  path: '/v1/backups',
  summary: 'List the backups of the project, newest first; also of apps that are gone',
  status: 200,
  query: closed({ app: Type.Optional(DnsLabel) }),
  reply: Type.Object({ backups: Type.Array(Backup) }),
});

export const getBackup = endpoint({
  method: 'get',
  path: '/v1/backups/:backup',
  summary: 'Show one backup',
  status: 200,
  params: backupParams,
  reply: BackupDetails,
});

export const restoreBackup = endpoint({
  method: 'post',
  path: '/v1/backups/:backup/restore',
  summary: 'Restore an app from a backup: over the app that it is of, or as a new one',
  status: 202,
  params: backupParams,
  body: closed({
    as: Type.Optional(
      Type.String({ ...DnsLabel, description: 'the name of a new app; left out: the same app' }),
    ),
    volumes: Type.Optional(
      Volumes('these come back alone, over the same app, which stays what it is beside them'),
    ),
    network: Type.Optional(DnsLabel),
    parameters: appSource.parameters,
    pools: Type.Optional(Pools),
    grants: Type.Optional(Type.Array(Grant, { maxItems: 64 })),
  }),
  reply: Type.Object({ app: App, operation: Operation }),
});

export const deleteBackup = endpoint({
  method: 'delete',
  path: '/v1/backups/:backup',
  summary: 'Delete a backup, and what only it needs at its target',
  status: 202,
  params: backupParams,
  reply: Type.Object({ operation: Operation }),
});

export const checkBackups = endpoint({
  method: 'post',
  path: '/v1/backups/:backup/check',
  summary: 'Check the repository that a backup is in, reading all of it if asked',
  status: 202,
  params: backupParams,
  body: closed({ full: Type.Boolean({ default: false }) }),
  reply: Type.Object({ operation: Operation }),
});

export const getBackupSchedule = endpoint({
  method: 'get',
  path: '/v1/apps/:app/backup-schedule',
  summary: 'Show when an app is backed up, and what is kept',
  status: 200,
  params: appParams,
  reply: BackupSchedule,
});

export const setBackupSchedule = endpoint({
  method: 'put',
  path: '/v1/apps/:app/backup-schedule',
  summary: 'Back an app up regularly, and keep so many of those backups',
  status: 200,
  params: appParams,
  body: closed({ ...when, target: Type.Optional(DnsLabel), keep: Type.Optional(Retention) }),
  reply: BackupSchedule,
});

export const endBackupSchedule = endpoint({
  method: 'delete',
  path: '/v1/apps/:app/backup-schedule',
  summary: 'Back an app up no more by itself; its backups stay',
  status: 204,
  params: appParams,
});
