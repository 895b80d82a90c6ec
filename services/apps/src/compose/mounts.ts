import { createHash } from 'node:crypto';
import { type Context, insidePath, refused } from './context.ts';
import type { File, Mount } from './model.ts';
import { modeAt, sizeAt } from './quantities.ts';
import type { ComposeService } from './schema.ts';

type LongVolume = Exclude<NonNullable<ComposeService['volumes']>[number], string>;

/** What a tmpfs gets that does not say: memory must not be taken without a bound. */
const TMPFS_BYTES = 64 * 1024 * 1024;
const VOLUME_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
/** What templates mount for the time of day; apps have `TZ` for that. */
const CLOCKS = new Set(['/etc/localtime', '/etc/timezone']);
/** Of no effect here: SELinux labels and hints for other machines. */
const HINTS = new Set(['z', 'Z', 'cached', 'delegated', 'consistent']);

/** A mount, a file in place of one, or nothing at all. */
type Placed = { readonly mount: Mount } | { readonly file: File } | undefined;

interface Options {
  readonly readOnly: boolean;
  readonly noCopy: boolean;
}

/**
 * Reads `volumes` and `tmpfs` of a service. A relative path is a volume of the app, or the file beside
 * the compose file that it names; an absolute one of the machine is left to the policy.
 *
 * @param path  of the service
 * @throws {Problem} `invalid-request` that begins with the path of the entry
 */
export function readMounts(
  path: string,
  service: ComposeService,
  context: Context,
): { mounts: Mount[]; files: File[] } {
  const volumes = (service.volumes ?? []).map((entry, index) =>
    typeof entry === 'string'
      ? readShort(`${path}/volumes/${index}`, entry, context)
      : readLong(`${path}/volumes/${index}`, entry, context),
  );
  const tmpfs = [service.tmpfs ?? []].flat().map((entry) => readTmpfs(`${path}/tmpfs`, entry));
  const mounts = [
    ...volumes.flatMap((each) => (each && 'mount' in each ? each.mount : [])),
    ...tmpfs,
  ];
  const targets = new Set<string>();
  for (const { target } of mounts) {
    if (targets.has(target)) throw refused(path, `mounts two things at ${target}`);
    targets.add(target);
  }
  return { mounts, files: volumes.flatMap((each) => (each && 'file' in each ? each.file : [])) };
}

function readShort(path: string, text: string, context: Context): Placed {
  const [first = '', second, mode = '', ...more] = text.split(':');
  if (more.length > 0) throw refused(path, `must be SOURCE:PATH or SOURCE:PATH:ro, not "${text}"`);
  if (second === undefined) {
    const target = absolute(path, first);
    return {
      mount: { kind: 'volume', volume: derivedName('anonymous', target), target, readOnly: false },
    };
  }
  return place(path, { source: first, target: second }, readMode(path, text, mode), context);
}

function readMode(path: string, text: string, mode: string): Options {
  const words = mode.split(',').filter((word) => word !== '' && !HINTS.has(word));
  const stranger = words.find((word) => !['ro', 'rw', 'nocopy'].includes(word));
  if (stranger) throw refused(path, `may end in :ro, :rw or :nocopy, not as "${text}" does`);
  return { readOnly: words.includes('ro'), noCopy: words.includes('nocopy') };
}

function readLong(path: string, entry: LongVolume, context: Context): Placed {
  if (entry.type === 'tmpfs') return { mount: longTmpfs(path, entry) };
  if (entry.tmpfs) throw refused(path, `is a ${entry.type}: it has no tmpfs options`);
  const options = { readOnly: entry.read_only ?? false, noCopy: entry.volume?.nocopy ?? false };
  if (entry.type === 'volume') {
    const target = absolute(path, entry.target);
    const volume = entry.source ?? derivedName('anonymous', target);
    return { mount: namedVolume(path, volume, target, options) };
  }
  if (!entry.source) throw refused(path, 'needs a source');
  const isPath = /^[./~]/.test(entry.source);
  const source = isPath ? entry.source : `./${entry.source}`;
  return place(path, { source, target: entry.target }, options, context);
}

function longTmpfs(path: string, { source, read_only, target, tmpfs = {} }: LongVolume): Mount {
  if (source || read_only) throw refused(path, 'is a tmpfs: it has but a target');
  return {
    kind: 'tmpfs',
    target: absolute(path, target),
    sizeBytes: tmpfs.size === undefined ? TMPFS_BYTES : sizeAt(`${path}/tmpfs/size`, tmpfs.size),
    ...(tmpfs.mode !== undefined && { mode: modeAt(`${path}/tmpfs/mode`, tmpfs.mode) }),
  };
}

function place(
  path: string,
  { source, target: given }: { readonly source: string; readonly target: string },
  options: Options,
  { files = {}, note = () => {} }: Context,
): Placed {
  const target = absolute(path, given);
  if (!/^[./~]/.test(source)) return { mount: namedVolume(path, source, target, options) };
  if (CLOCKS.has(source)) {
    note(`${path} mounts ${source} of the machine: left out, the time zone is in TZ.`);
    return undefined;
  }
  if (source.startsWith('/')) {
    const { readOnly } = options;
    return { mount: { kind: 'host', source: absolute(path, source), target, readOnly } };
  }
  const inside = insidePath(path, source);
  const content = Object.hasOwn(files, inside) ? files[inside] : undefined;
  if (content !== undefined) {
    const mode = options.readOnly ? 0o444 : 0o644;
    return { file: { target, content, mode, uid: 0, gid: 0 } };
  }
  note(`${path} is the volume "${derivedName('folder', inside)}" of the app, empty at first.`);
  return { mount: namedVolume(path, derivedName('folder', inside), target, options) };
}

function readTmpfs(path: string, text: string): Mount {
  const [target = '', options = '', ...more] = text.split(':');
  const words = options
    .split(',')
    .filter((word) => word !== '' && !/^(rw|no(suid|exec|dev))$/.test(word));
  const values = new Map(words.map((word) => word.split('=', 2) as [string, string]));
  const unknown = [...values].find(([name, value]) => !value || !['size', 'mode'].includes(name));
  if (more.length > 0 || unknown) {
    throw refused(path, `must be PATH or PATH:size=SIZE,mode=MODE, not "${text}"`);
  }
  const size = values.get('size');
  const mode = values.get('mode');
  return {
    kind: 'tmpfs',
    target: absolute(path, target),
    sizeBytes: size === undefined ? TMPFS_BYTES : sizeAt(path, size),
    ...(mode !== undefined && { mode: modeAt(path, mode) }),
  };
}

function namedVolume(path: string, volume: string, target: string, options: Options): Mount {
  if (!VOLUME_NAME.test(volume)) throw refused(path, `names a volume "${volume}"`);
  return {
    kind: 'volume',
    volume,
    target: absolute(path, target),
    readOnly: options.readOnly,
    ...(options.noCopy && { noCopy: true as const }),
  };
}

const DERIVED = /^(anonymous|folder)-/;

/** The name of a volume that the file does not name; different paths never give the same. */
export function derivedName(kind: 'anonymous' | 'folder', text: string): string {
  const plain = text.replace(/^\//, '');
  if (/^[a-z0-9][a-z0-9_.]{0,30}$/.test(plain)) return `${kind}-${plain}`;
  const slug = plain.replace(/[^A-Za-z0-9_.]+/g, '-').slice(-30);
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 8);
  return `${kind}-${slug}-${hash}`;
}

/** Whether no top-level `volumes` needs to name it. */
export const isDerived = (volume: string): boolean => DERIVED.test(volume);

function absolute(path: string, text: string): string {
  const target = text.replace(/\/+$/, '');
  const isBelow = target.startsWith('/') && !target.split('/').includes('..');
  if (isBelow && !target.includes('\0')) return target;
  throw refused(path, `must mount at an absolute path below /, not "${text}"`);
}
