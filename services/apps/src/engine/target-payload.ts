/**
 * Builds the container that tries a place for backups: it has the folder, or the way to the bucket, and
 * nothing else. Pure; `policy/target-helper.ts` judges it.
 */
import { REPOSITORIES, repositoriesMount } from './helper-payload.ts';
import { type LoneHelper, lonePayload } from './lone-payload.ts';
import { CREDENTIALS_FILE } from './policy/helper.ts';

/** A folder of the machine, or a place in a bucket as restic has it, e.g. `s3:https://HOST/BUCKET/apps`. */
export type Place =
  | { readonly kind: 'folder'; readonly at: string }
  | { readonly kind: 's3'; readonly at: string };

export interface TargetHelper extends LoneHelper {
  readonly place: Place;
}

export type TargetPayload = ReturnType<typeof targetPayload>;

/** The repository by which a bucket is tried: no app has this name with eight digits after it. */
export const TRIAL = 'cep-check';

/** How the scripts end that cannot do what they should. */
export const ENDS = { noFolder: 5, noBucket: 6 } as const;

/** More than the least that any file system has free for root alone. */
const MEBIBYTES = 1;

/** They are constants, may be broken off anywhere, and may be run again. */
export const SCRIPTS = {
  /** Writes a file and takes it away; prints the file system's line of `df`. */
  folder: `set -eu
cd ${REPOSITORIES} 2>/dev/null || exit ${ENDS.noFolder}
trap 'rm -f .${TRIAL}' EXIT
dd if=/dev/zero of=.${TRIAL} bs=1048576 count=${MEBIBYTES} conv=fsync
rm .${TRIAL}
df -Pk . | tail -n 1`,

  /**
   * Makes a repository of its own there, once, and has it written, listed and cleared by a lock. A bucket
   * that is not there is not made, which restic would do. Nothing is in the repository that its password,
   * known to all, would guard.
   */
  s3: `export RESTIC_PASSWORD=cep
if ! told=$(restic cat config --no-cache --no-lock 2>&1); then
  case $told in
    *'bucket does not exist'*) printf '%s\\n' "$told"; exit ${ENDS.noBucket} ;;
    *'key does not exist'*|*'repository does not exist'*) restic init --no-cache || exit 1 ;;
    *) printf '%s\\n' "$told"; exit 1 ;;
  esac
fi
exec restic snapshots --no-cache`,
} as const;

/** To write where somebody else's folder is, as restic does. */
const WRITING = ['DAC_OVERRIDE'];

/** @returns the body of `POST /containers/create` */
export const targetPayload = ({ place, ...helper }: TargetHelper) =>
  lonePayload('target', helper, {
    ...{ script: SCRIPTS[place.kind], words: [] },
    ...(place.kind === 'folder' ? inFolder(place.at) : inBucket(place.at)),
  });

const inFolder = (folder: string) => ({
  capabilities: WRITING,
  mounts: [repositoriesMount(folder)],
});

const inBucket = (at: string) => ({
  ...{ capabilities: [], mounts: [], reachesOut: true },
  environment: [
    `RESTIC_REPOSITORY=${at}/${TRIAL}`,
    `AWS_SHARED_CREDENTIALS_FILE=${CREDENTIALS_FILE}`,
  ],
});
