/** What restic is given at each step: which volumes, which repository, and the secrets in files. */
import type { File } from '../compose/model.ts';
import { type HelperPayload, helperPayload, VOLUMES } from '../engine/helper-payload.ts';
import { helperName, projectOf, volumeName } from '../engine/names.ts';
import { CREDENTIALS_FILE, type HelperScope, PASSWORD_FILE } from '../engine/policy/helper.ts';
import { appOf } from './app-of.ts';
import { type Asking, commandFor, DOCUMENT } from './commands.ts';
import { copiedOf } from './contents.ts';
import { describeFor, openFor } from './document.ts';
import { takeDumps } from './dumps/take.ts';
import type { JobRow } from './job-store.ts';
import { repositoryInside } from './present.ts';
import { keyFiles, secretFile } from './secret-files.ts';
import { type BackupRow, findComplete } from './store.ts';
import { secretsOf } from './targets.ts';
import type { Deps, Task } from './task.ts';

export interface Order {
  readonly name: string;
  readonly payload: HelperPayload;
  readonly scope: HelperScope;
  readonly files: readonly File[];
  /** Puts more into it, as long as it has not started; again is only well in one that is new. */
  readonly prepare?: () => Promise<void>;
}

export async function orderFor(
  deps: Deps,
  task: Task,
  { step, signal }: { readonly step: Asking; readonly signal: AbortSignal },
): Promise<Order> {
  const { job, backup, target } = task;
  const { db, sealer, instance, backupImage: image } = deps;
  const secrets = secretsOf(sealer, target);
  const saves = step === 'save';
  const document = saves ? openFor(sealer, backup.id, backup.document) : undefined;
  const going = step === 'delete' ? await findComplete(db, backup) : [];
  const command = commandFor(step, {
    job,
    backup,
    excludes: backup.contents.excludes.map((each) => `${VOLUMES}/${each}`),
    snapshots: goingOf(job, going),
  });
  const app = appOf(task);
  const volumes = volumesFor(task, step);
  const folder = target.kind === 'folder' ? target.location : undefined;
  const names = (readOnly: boolean) =>
    volumes.filter((each) => each.readOnly === readOnly).map(({ name }) => name);
  const helper = helperName(job.id, step);
  const { dumps = [] } = backup.contents;
  return {
    name: helper,
    ...(saves &&
      dumps.length > 0 && { prepare: () => takeDumps(deps, task, { helper, dumps, signal }) }),
    payload: helperPayload({
      ...{ app, image, command, folder, volumes },
      owner: { instance, projectId: job.project_id },
      environment: {
        RESTIC_REPOSITORY: repositoryInside(target, backup.repository),
        RESTIC_PASSWORD_FILE: PASSWORD_FILE,
        RESTIC_PROGRESS_FPS: '1',
        ...(target.kind === 's3' && { AWS_SHARED_CREDENTIALS_FILE: CREDENTIALS_FILE }),
      },
    }),
    scope: {
      ...{ instance, image, folder, appId: job.app_id },
      network: projectOf(app),
      readable: names(true),
      writable: names(false),
    },
    files: [
      secretFile(PASSWORD_FILE, secrets.password),
      ...keyFiles(secrets),
      ...(document ? [secretFile(DOCUMENT, describeFor(backup, document))] : []),
    ],
  };
}

/** Those that were found, and those that are known and were not. */
function goingOf({ backups, snapshots }: JobRow, complete: readonly BackupRow[]): string[] {
  const known = complete.flatMap(({ id, snapshot }) =>
    snapshot && backups.includes(id) ? [snapshot] : [],
  );
  const unseen = known.filter((name) => !snapshots.some((found) => name.startsWith(found)));
  return [...snapshots, ...unseen];
}

function volumesFor(task: Task, step: Asking) {
  if (step !== 'save' && step !== 'fill') return [];
  const app = appOf(task);
  return copiedOf(task.backup.contents).map((volume) => ({
    name: volumeName(app, volume),
    volume,
    readOnly: step === 'save',
  }));
}
