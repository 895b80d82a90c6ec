import { Problem } from '@cep/contracts/problems';
import type { Mount } from './model.ts';
import { sizeAt } from './quantities.ts';
import type { ComposeService } from './schema.ts';

type LongVolume = Exclude<NonNullable<ComposeService['volumes']>[number], string>;

/** What a tmpfs gets that does not say: memory must not be taken without a bound. */
const TMPFS_BYTES = 64 * 1024 * 1024;
const VOLUME_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/**
 * Reads `volumes` and `tmpfs` of a service. Only named volumes and tmpfs are mounted: there is no way
 * to say a path of the host.
 *
 * @param path  of the service
 * @throws {Problem} `invalid-request` that begins with the path of the entry
 */
export function readMounts(path: string, service: ComposeService): Mount[] {
  const volumes = (service.volumes ?? []).map((entry, index) =>
    typeof entry === 'string'
      ? readShort(`${path}/volumes/${index}`, entry)
      : readLong(`${path}/volumes/${index}`, entry),
  );
  const tmpfs = [service.tmpfs ?? []].flat().map((entry) => readTmpfs(`${path}/tmpfs`, entry));
  const mounts = [...volumes, ...tmpfs];
  const targets = new Set<string>();
  for (const { target } of mounts) {
    if (targets.has(target)) throw refused(path, `mounts two things at ${target}`);
    targets.add(target);
  }
  return mounts;
}

function readShort(path: string, text: string): Mount {
  const [volume = '', target = '', mode = 'rw', ...more] = text.split(':');
  if (/^[./~]/.test(volume) && target) {
    throw refused(path, `mounts "${volume}" of the host; use a named volume`);
  }
  if (!target) throw refused(path, `must be VOLUME:PATH, not "${text}"`);
  if (more.length > 0 || !['ro', 'rw'].includes(mode)) {
    throw refused(path, `may end in :ro or :rw, not as "${text}" does`);
  }
  return namedVolume(path, volume, target, mode === 'ro');
}

function readLong(path: string, entry: LongVolume): Mount {
  if (entry.type === 'tmpfs') {
    if (entry.source || entry.read_only) throw refused(path, 'is a tmpfs: it has but a target');
    const size = entry.tmpfs?.size;
    return {
      kind: 'tmpfs',
      target: absolute(path, entry.target),
      sizeBytes: size === undefined ? TMPFS_BYTES : sizeAt(`${path}/tmpfs/size`, size),
    };
  }
  if (entry.tmpfs) throw refused(path, 'is a volume: it has no tmpfs options');
  if (!entry.source) throw refused(path, 'needs a source, the name of a volume');
  return namedVolume(path, entry.source, entry.target, entry.read_only ?? false);
}

function readTmpfs(path: string, text: string): Mount {
  const [target = '', options, ...more] = text.split(':');
  const size = options === undefined ? undefined : /^size=(\w+)$/.exec(options)?.[1];
  if (more.length > 0 || (options !== undefined && size === undefined)) {
    throw refused(path, `must be PATH or PATH:size=SIZE, not "${text}"`);
  }
  return {
    kind: 'tmpfs',
    target: absolute(path, target),
    sizeBytes: size === undefined ? TMPFS_BYTES : sizeAt(path, size),
  };
}

function namedVolume(path: string, volume: string, target: string, readOnly: boolean): Mount {
  if (!VOLUME_NAME.test(volume)) throw refused(path, `names a volume "${volume}"`);
  return { kind: 'volume', volume, target: absolute(path, target), readOnly };
}

function absolute(path: string, target: string): string {
  const parts = target.split('/');
  if (!target.startsWith('/') || target === '/' || parts.includes('..') || target.includes('\0')) {
    throw refused(path, `must mount at an absolute path below /, not "${target}"`);
  }
  return target;
}

const refused = (path: string, why: string) => new Problem('invalid-request', `${path} ${why}.`);
