/** Mounts of another store's app. Folders of the host become volumes of the app's own. */
import { type Draft, isMembers, line, slug, type Tree, textOf } from './draft.ts';

/** What an app gets by a mount of it is the host, or part of it. */
const OF_THE_HOST =
  /^\/(var\/)?run\/|^\/(proc|sys|dev|boot|root|home|usr|lib|bin)?(\/|$)|docker\.sock/;
const NEEDLESS = /^\/etc\/(localtime|timezone)/;

/** Names of the app's volumes, by what they stand for: a volume's old name, or a folder. */
export type Volumes = Map<string, string>;

/** @param volumes  those that are made are added: a folder that two services share stays one */
export function convertMounts(
  draft: Draft,
  service: string,
  { entries, volumes }: { readonly entries: readonly Tree[]; readonly volumes: Volumes },
): string[] {
  const targets = new Set<string>();
  return entries.flatMap((entry) => {
    const { source, target, readOnly } = readMount(entry);
    if (!target?.startsWith('/') || target === '/' || targets.has(target)) {
      const shown = line(JSON.stringify(entry), 80);
      draft.warn(`${service}: the mount ${shown} is left out: it is none, or there are two.`);
      return [];
    }
    const wanted = volumeFor(draft, service, { source, target });
    if (wanted === undefined) return [];
    targets.add(target);
    const key = source || `${service}:${target}`;
    const name = volumes.get(key) ?? unused(wanted, volumes);
    volumes.set(key, name);
    return [`${name}:${target}${readOnly ? ':ro' : ''}`];
  });
}

function readMount(entry: Tree) {
  if (isMembers(entry)) {
    const { source, target, read_only } = entry;
    return { source: textOf(source) ?? '', target: textOf(target), readOnly: read_only === true };
  }
  // The colon of a default within a variable separates nothing.
  const text = (textOf(entry) ?? '').replace(/\$\{(\w+)[^}]*\}/g, '$$$1');
  const [source = '', target, mode = ''] = text.split(':');
  if (target === undefined) return { source: '', target: source, readOnly: false };
  return { source, target, readOnly: mode.split(',').includes('ro') };
}

function volumeFor(
  draft: Draft,
  service: string,
  { source, target }: { readonly source: string; readonly target: string },
): string | undefined {
  if (/^[A-Za-z0-9][\w.-]*$/.test(source)) return slug(source, 'data');
  if (NEEDLESS.test(source) || NEEDLESS.test(target)) return undefined;
  if (OF_THE_HOST.test(source)) {
    draft.warn(`${service}: ${source} is not mounted: it belongs to the server, not to an app.`);
    return undefined;
  }
  const name = slug(target.split('/').at(-1) ?? '', 'data');
  if (source)
    draft.warn(`${service}: ${target} is the volume "${name}" and no longer the folder ${source}.`);
  return name;
}

function unused(name: string, volumes: Volumes): string {
  const taken = [...volumes.values()];
  let candidate = name;
  for (let count = 2; taken.includes(candidate); count += 1) candidate = `${name}-${count}`;
  return candidate;
}
