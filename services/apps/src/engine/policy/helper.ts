/**
 * What the one container of cep's own may be: restic, with volumes of one app and one folder that an
 * administrator gave for backups. Whatever else it asks for is refused. Pure.
 */
import { DUMPS, REPOSITORIES, VOLUMES } from '../helper-payload.ts';
import { LABELS } from '../labels.ts';
import {
  type Check,
  exactly,
  exactlyList,
  isObject,
  isText,
  limit,
  list,
  object,
  type Refusal,
  refuse,
  type Scope,
  value,
} from './judge.ts';
import { thingLabels } from './labels.ts';
import { CPU_PERIOD, logging, noSwap } from './limits.ts';
import { isNeverGiven, isPlainPath } from './mounts.ts';

/** What one helper is for. */
export interface HelperScope extends Pick<Scope, 'instance' | 'appId' | 'network'> {
  readonly image: string;
  /** The folder of the machine that an administrator gave; none: repositories are elsewhere. */
  readonly folder: string | undefined;
  /** Names in the engine: those it may read, and those it may also write, which nothing else uses. */
  readonly readable: readonly string[];
  readonly writable: readonly string[];
}

/** Secrets are in files, which are put into the container: none is in what the engine shows of it. */
export const PASSWORD_FILE = '/cep/password';
export const CREDENTIALS_FILE = '/cep/credentials';

const PIECE = new RegExp(`^${DUMPS}/[a-z0-9][a-z0-9-]{0,62}/\\d{8}$`);

const COMMANDS = ['backup', 'check', 'forget', 'init', 'restore', 'snapshots', 'unlock'];
/** None of them names a program, another repository or a password. */
const FLAGS =
  /^--(compact|exclude|host|include|json|no-cache|prune|read-data|remove-all|tag|target|verify)(=[^\0]*)?$/;

const isCommand = (given: unknown): boolean =>
  Array.isArray(given) &&
  COMMANDS.includes(String(given[0])) &&
  given
    .slice(1)
    .every((word) => isText(word) && (FLAGS.test(word) || /^[a-z0-9/][^\0]*$/.test(word)));

const ENVIRONMENT: Readonly<Record<string, RegExp>> = {
  RESTIC_REPOSITORY: new RegExp(`^(${REPOSITORIES}/[a-z0-9-]+|s3:https?://[^\\s@\\0]+)$`),
  RESTIC_PASSWORD_FILE: new RegExp(`^${PASSWORD_FILE}$`),
  RESTIC_PROGRESS_FPS: /^1$/,
  AWS_SHARED_CREDENTIALS_FILE: new RegExp(`^${CREDENTIALS_FILE}$`),
};

function isVariable(given: unknown): boolean {
  const [, name = '', text = ''] = (isText(given) && /^([A-Z_]+)=(.*)$/s.exec(given)) || [];
  return Object.hasOwn(ENVIRONMENT, name) && ENVIRONMENT[name]?.test(text) === true;
}

const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID'];

const MOST_IN_PIECE = 16 * 2 ** 20;

/** One piece of a dump, which is written into a helper. */
export const judgePiece = (
  helper: string,
  target: string,
  bytes: Uint8Array,
): Refusal | undefined => {
  if (!/^cep-backup-[0-9a-f]{8}-save$/.test(helper) || !PIECE.test(target)) {
    return refuse('mounts', 'files', `must be a piece of a dump, below ${DUMPS}`);
  }
  return bytes.length > MOST_IN_PIECE
    ? refuse('limits', 'files', 'must have at most 16 MiB')
    : undefined;
};

/** @param payload  the body of `POST /containers/create` */
export function judgeHelper(payload: unknown, scope: HelperScope): Refusal | undefined {
  const within: Scope = { ...scope, volumes: [], address: '' };
  return body(scope)(payload, within, '');
}

const words = (rule: 'privileges' | 'capabilities', allowed: readonly string[]) =>
  list(value(rule, (given) => allowed.includes(String(given)), allowed.join(' or ')));

const body = (scope: HelperScope): Check =>
  object(
    {
      Image: exactly('image', scope.image),
      Entrypoint: exactlyList('exec', ['restic']),
      Cmd: value('exec', isCommand, 'a command of restic that cep uses'),
      Env: list(value('exec', isVariable, 'a setting of restic that cep uses')),
      User: exactly('privileges', '0:0'),
      Labels: helperLabels,
      HostConfig: hostConfig(scope),
    },
    ['Image', 'Entrypoint', 'Cmd', 'Env', 'User', 'Labels', 'HostConfig'],
  );

const helperLabels: Check = (given, scope, path) => {
  const refusal = thingLabels(given, scope, path);
  if (refusal || !isObject(given)) return refusal;
  // A service's label would have it taken for a container of the app.
  return given[LABELS.helper] === 'backup' && !(LABELS.service in given)
    ? undefined
    : refuse('labels', path, 'must be those of a helper');
};

const hostConfig =
  (scope: HelperScope): Check =>
  (given, within, path) =>
    object(
      {
        NetworkMode: exactly('network', scope.folder === undefined ? 'bridge' : 'none'),
        Mounts: list(mount(scope)),
        RestartPolicy: object({ Name: exactly('limits', 'no') }, ['Name']),
        CapDrop: words('capabilities', ['ALL']),
        CapAdd: words('capabilities', CAPABILITIES),
        SecurityOpt: words('privileges', ['no-new-privileges:true']),
        PidsLimit: limit(512),
        Memory: limit(2 * 2 ** 30),
        MemorySwap: limit(2 * 2 ** 30),
        CpuPeriod: exactly('limits', CPU_PERIOD),
        CpuQuota: limit(2 * CPU_PERIOD),
        LogConfig: logging,
      },
      ['NetworkMode', 'CapDrop', 'SecurityOpt', 'PidsLimit', 'Memory', 'CpuQuota', 'LogConfig'],
    )(given, within, path) ?? noSwap(given, within, path);

const isVolumeTarget = (given: unknown): boolean =>
  isText(given) &&
  given.startsWith(`${VOLUMES}/`) &&
  /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(given.slice(VOLUMES.length + 1));

const mount = ({ folder, readable, writable }: HelperScope): Check => {
  const volume = object(
    {
      Type: exactly('mounts', 'volume'),
      Source: value(
        'mounts',
        (given) => [...readable, ...writable].includes(String(given)),
        "a volume of the app's",
      ),
      Target: value('mounts', isVolumeTarget, `below ${VOLUMES}`),
      ReadOnly: value('mounts', (given) => typeof given === 'boolean', 'true or false'),
      VolumeOptions: object({ NoCopy: exactly('mounts', true) }, ['NoCopy']),
    },
    ['Source', 'Target', 'ReadOnly', 'VolumeOptions'],
  );
  const bind = repositories(folder);
  return (given, within, path) => {
    if (!isObject(given)) return refuse('wrong-type', path, 'must be an object');
    if (given.Type === 'bind') return bind(given, within, path);
    const refusal = volume(given, within, path);
    if (refusal) return refusal;
    return given.ReadOnly === true || writable.includes(String(given.Source))
      ? undefined
      : refuse('mounts', path, 'must be read-only');
  };
};

/** The one folder of the machine, as an administrator gave it. */
export const repositories = (folder: string | undefined): Check =>
  object(
    {
      Type: exactly('mounts', 'bind'),
      Source: value(
        'mounts',
        (given) => given === folder && isPlainPath(given) && !isNeverGiven(given),
        'the folder that was given for backups',
      ),
      Target: exactly('mounts', REPOSITORIES),
      ReadOnly: exactly('mounts', false),
      BindOptions: object(
        {
          Propagation: exactly('mounts', 'rprivate'),
          CreateMountpoint: exactly('mounts', false),
        },
        ['Propagation', 'CreateMountpoint'],
      ),
    },
    ['Type', 'Source', 'Target', 'ReadOnly', 'BindOptions'],
  );
