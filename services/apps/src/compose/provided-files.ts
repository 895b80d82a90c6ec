/** `configs` and `secrets`: files that are written into a container before it starts. */
import { atPath } from './at-path.ts';
import { type Context, fileAt, refused } from './context.ts';
import type { File, Mount } from './model.ts';
import { modeAt } from './quantities.ts';
import type { Compose, ComposeService } from './schema.ts';

type Kind = 'configs' | 'secrets';
type TopFile = NonNullable<Compose['configs']>[string];

const MODE = 0o444;
const FOLDERS: Readonly<Record<Kind, string>> = { configs: '/', secrets: '/run/secrets/' };

/** @throws {Problem} `invalid-request` for one that the file does not declare, or cannot have */
export function readProvidedFiles(
  path: string,
  service: ComposeService,
  compose: Compose,
  context: Context,
): File[] {
  return (['configs', 'secrets'] as const).flatMap((kind) =>
    (service[kind] ?? []).map((entry, index) => {
      const at = `${path}/${kind}/${index}`;
      const long = typeof entry === 'string' ? { source: entry } : entry;
      const declared = Object.entries(compose[kind] ?? {}).find(([name]) => name === long.source);
      if (!declared)
        throw refused(at, `names "${long.source}", which compose/${kind} does not have`);
      const target = long.target ?? long.source;
      return {
        target: target.startsWith('/') ? target : `${FOLDERS[kind]}${target}`,
        content: contentOf(`compose/${kind}/${long.source}`, declared[1], context),
        mode: long.mode === undefined ? MODE : modeAt(`${at}/mode`, long.mode),
        uid: numberAt(`${at}/uid`, long.uid),
        gid: numberAt(`${at}/gid`, long.gid),
      };
    }),
  );
}

function contentOf(path: string, { file, content, environment }: TopFile, context: Context) {
  const given = [file, content, environment].filter((each) => each !== undefined);
  if (given.length !== 1) throw refused(path, 'must have one of content, file and environment');
  if (content !== undefined) return content;
  if (file !== undefined) return fileAt(context, `${path}/file`, file);
  const value = atPath(`${path}/environment`, () => context.lookup(environment ?? ''));
  if (value !== undefined) return value;
  throw refused(`${path}/environment`, `is ${environment}, which has no value`);
}

function numberAt(path: string, text = '0'): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw refused(path, `must be a number, not "${text}"`);
}

const FORBIDDEN = /^\/(proc|sys|dev)(\/|$)/;
const MAX_FILES = 64;

/**
 * @throws {Problem} `invalid-request` for a file that could not be written: out of place, twice, on a
 *   tmpfs, or on a root that is read-only
 */
export function assertWritable(
  path: string,
  files: readonly File[],
  { mounts, readOnly }: { readonly mounts: readonly Mount[]; readonly readOnly: boolean },
): void {
  if (files.length > MAX_FILES) throw refused(path, `has more than ${MAX_FILES} files`);
  const targets = new Set<string>();
  for (const { target } of files) {
    const isPlain = /^\/[^\0]*[^/\0]$/.test(target) && !/\/\.{0,2}(\/|$)/.test(target);
    if (!isPlain || FORBIDDEN.test(target)) {
      throw refused(path, `has a file at "${target}", which is no place for one`);
    }
    if (targets.has(target)) throw refused(path, `has two files at ${target}`);
    targets.add(target);
    const over = mounts.find(
      (mount) => target === mount.target || target.startsWith(`${mount.target}/`),
    );
    if (over && (over.kind !== 'volume' || over.readOnly)) {
      throw refused(path, `has a file at ${target}, where it mounts something else`);
    }
    if (!over && readOnly) {
      throw refused(path, `is read_only: the file ${target} must be inside one of its volumes`);
    }
  }
}
