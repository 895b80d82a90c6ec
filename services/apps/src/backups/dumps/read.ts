/** What of an app is dumped when it is backed up while it goes on, and what then need not be copied. Pure. */
import { Problem } from '@cep/contracts/problems';
import type { Mount, RenderedApp, Service } from '../../compose/model.ts';
import type { Template } from '../../templates/template.ts';
import { isOther, type KindName, recognise } from './kinds.ts';

export interface Dump {
  readonly service: string;
  readonly kind: KindName;
  /** Of a file of SQLite, in the container. */
  readonly path?: string;
  /** Volumes that it stands for, by the template's names: their files are not copied. */
  readonly instead: readonly string[];
}

type Declared = NonNullable<NonNullable<Template['backup']>['dumps']>;
type VolumeMount = Extract<Mount, { kind: 'volume' }>;

interface Wish {
  readonly app: Pick<RenderedApp, 'services'>;
  readonly declared: Declared | undefined;
  /** Those that are in the backup. */
  readonly volumes: readonly string[];
}

/** @returns a dump for each service that declares one, or whose image is that of a known database */
export const dumpsOf = ({ app, declared = {}, volumes }: Wish): Dump[] =>
  app.services.flatMap((service) => {
    const [kind, path] = wordsOf(declared, service);
    if (!kind) return [];
    if (path !== undefined) {
      return volumeOf(service, path, volumes)
        ? { service: service.name, kind, path, instead: [] }
        : [];
    }
    const instead = ownVolumes(service, app.services).filter((name) => volumes.includes(name));
    return instead.length > 0 ? { service: service.name, kind, instead } : [];
  });

/** @returns the services whose files would be copied while a database writes them, that nobody has said is well */
export const undumped = ({ app, declared = {}, volumes }: Wish): string[] =>
  app.services
    .filter((service) => !Object.hasOwn(declared, service.name) && isOther(service))
    .filter((service) => written(service).some(({ volume }) => volumes.includes(volume)))
    .map(({ name }) => name);

/** The volumes that a dump is loaded into, of those that are in a backup. */
export function volumesOf(
  { service: name, path, instead }: Dump,
  services: readonly Service[],
  volumes: readonly string[],
): readonly string[] {
  const service = services.find((each) => each.name === name);
  if (path === undefined || !service) return instead;
  return [volumeOf(service, path, volumes)].flatMap((mount) => mount?.volume ?? []);
}

/** Whether an app, as it is now, has what a dump of it is loaded into. */
export function takes(
  dump: Dump,
  services: readonly Service[],
  volumes: readonly string[],
): boolean {
  const service = services.find((each) => each.name === dump.service);
  if (!service) return false;
  if (dump.path !== undefined) return volumeOf(service, dump.path, volumes) !== undefined;
  return dump.instead.every((name) => written(service).some(({ volume }) => volume === name));
}

/** Patterns of what is not copied: a file that is dumped, what belongs to it, and what a dump may leave. */
export const excludesOf = (
  dumps: readonly Dump[],
  { services }: Wish['app'],
  volumes: readonly string[],
) =>
  dumps.flatMap(({ service: name, path }) => {
    const service = services.find((each) => each.name === name);
    const mount = path === undefined || !service ? undefined : volumeOf(service, path, volumes);
    if (!mount || path === undefined) return [];
    const file = `${mount.volume}${path.slice(mount.target.length)}`;
    return ['', '-wal', '-shm', '-journal', '.cep-dump', '.cep-dump-*'].map((end) => file + end);
  });

/** @throws {Problem} `invalid-request` for a dump that there cannot be */
export function assertDumps(
  declared: Declared | undefined,
  { services, volumes }: Pick<RenderedApp, 'services' | 'volumes'>,
): void {
  for (const name of Object.keys(declared ?? {})) {
    const service = services.find((each) => each.name === name);
    const at = `x-cep/backup/dumps/${name}`;
    if (!service) throw refused(`${at} is for "${name}", which is no service`);
    const [kind, path] = wordsOf(declared ?? {}, service);
    if (path !== undefined && !volumeOf(service, path, volumes)) {
      throw refused(`${at}: ${path} is in no volume that "${name}" writes`);
    }
    if (kind && path === undefined && ownVolumes(service, services).length === 0) {
      throw refused(`${at}: "${name}" has no volume of its own that a dump would stand for`);
    }
  }
}

/**
 * A word such as `postgres`, or `sqlite:/data/app.db`; `none` is for files that may be copied as they are.
 * Programs of one's own are asked of the template when they are run: secrets may be written in them.
 */
function wordsOf(declared: Declared, { name, image }: Service): [KindName?, string?] {
  const word = Object.hasOwn(declared, name) ? declared[name] : recognise(image);
  if (word === undefined || word === 'none') return [];
  if (typeof word !== 'string') return ['own'];
  if (word.startsWith('sqlite:')) return ['sqlite', word.slice('sqlite:'.length)];
  return [word as KindName];
}

const written = ({ mounts }: Service): VolumeMount[] =>
  mounts.filter((mount): mount is VolumeMount => mount.kind === 'volume' && !mount.readOnly);

/** What only the database itself has. */
const ownVolumes = (service: Service, services: readonly Service[]): string[] =>
  written(service)
    .map(({ volume }) => volume)
    .filter(
      (volume) =>
        !services.some(
          ({ name, mounts }) =>
            name !== service.name &&
            mounts.some((mount) => mount.kind === 'volume' && mount.volume === volume),
        ),
    );

/** The volume that a path is in. */
function volumeOf(
  service: Service,
  path: string,
  volumes: readonly string[],
): VolumeMount | undefined {
  const [mount] = written(service)
    .filter(({ target }) => path.startsWith(`${target}/`))
    .toSorted((a, b) => b.target.length - a.target.length);
  return mount && volumes.includes(mount.volume) ? mount : undefined;
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
