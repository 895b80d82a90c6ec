/** What an app is made from, as it is typed: a template of a store, or a compose file with its folder. */
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { deployApp } from '@cep/contracts/apps';
import type { Input } from '@cep/contracts/endpoint';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { readStdin } from '../ask.ts';
import { wrongUsage } from '../failure.ts';
import { setFlag } from '../names.ts';
import { readText } from '../read-text.ts';
import { parseParameters } from './parameters.ts';

type Source = Input<typeof deployApp>['body'];

export const sourceArg = Args.string({
  description: 'name of the app in the store, or path of a compose file; - is standard input',
  required: true,
});

export const grantFlags = {
  grant: Flags.string({
    description: 'for administrators: what it may beyond other apps; may be repeated',
    helpValue: 'PERMISSION',
    multiple: true,
    multipleNonGreedy: true,
    default: [],
  }),
  reason: Flags.string({ description: 'why that is granted; it is kept', helpValue: 'WHY' }),
};

export const sourceFlags = {
  name: Flags.string({ description: 'name of this deployment, if not the template’s' }),
  network: Flags.string({ description: 'network on which it is reached', helpValue: 'NAME' }),
  on: Flags.string({
    description: 'engine to place it on, for its whole life; "local" if not told',
    helpValue: 'ENGINE',
  }),
  set: setFlag,
  store: Flags.string({ description: 'store to take it from', helpValue: 'NAME' }),
  ...grantFlags,
};

/** @throws {CLIError} for --grant without a reason */
export function toGrants({ grant, reason = '' }: Pick<Given, 'grant' | 'reason'>) {
  if (grant.length === 0) return {};
  if (!reason.trim()) throw wrongUsage('--grant needs a --reason.');
  return { grants: grant.map((permission) => ({ permission, reason })) };
}

interface Given {
  readonly name?: string | undefined;
  readonly network?: string | undefined;
  readonly on?: string | undefined;
  readonly store?: string | undefined;
  readonly set: readonly string[];
  readonly grant: readonly string[];
  readonly reason?: string | undefined;
}

/** @throws {CLIError} for what cannot be read, --store with a file, and --grant without a reason */
export async function toSource(what: string, given: Given): Promise<Source> {
  const { name, network, on, store } = given;
  const common = {
    parameters: await parseParameters(given.set),
    ...(name !== undefined && { name }),
    ...(network !== undefined && { network }),
    ...(on !== undefined && { engine: on }),
    ...toGrants(given),
  };
  if (!isPath(what)) return { ...common, template: what, ...(store !== undefined && { store }) };
  if (store !== undefined)
    throw wrongUsage('--store goes with the name of an app, not with a file.');
  return { ...common, ...(await readCompose(what)) };
}

/** Names of apps have neither dots nor slashes. */
export const isPath = (what: string): boolean => what === '-' || /[./]/.test(what);

/** A compose file and the texts that it names, or what is typed for `-`. */
export async function readCompose(path: string): Promise<Pick<Source, 'compose' | 'files'>> {
  const compose = path === '-' ? await readStdin() : await readText(path);
  const folder = path === '-' ? '.' : dirname(path);
  const files: Record<string, string> = {};
  for (const name of await filesNamedIn(compose)) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined) files[name] = text;
  }
  return { compose, ...(Object.keys(files).length > 0 && { files }) };
}

/**
 * The relative paths that a compose file may mean by `env_file`, by `file` and `asset`, or by a mount:
 * what is no file is not sent, and what the server misses it says. Never one outside the folder.
 */
export async function filesNamedIn(compose: string): Promise<string[]> {
  const { isMap, isScalar, isSeq, parseDocument, visit } = await import('yaml');
  const names = new Set<string>();
  const add = (node: unknown, isMount = false) => {
    if (!isScalar(node) || typeof node.value !== 'string') return;
    const [source = ''] = isMount ? node.value.split(':') : [node.value];
    if (isMount && !source.startsWith('./')) return;
    const name = normalize(source);
    if (!/^(\.\.(\/|$)|\/|~)/.test(name) && name !== '.') names.add(name);
  };
  visit(parseDocument(compose), {
    Pair(_, { key, value }) {
      const name = isScalar(key) ? key.value : undefined;
      if (name === 'file' || name === 'asset') add(value);
      if (name === 'source') add(value, true);
      if (name === 'volumes' && isSeq(value)) for (const item of value.items) add(item, true);
      if (name !== 'env_file') return;
      for (const item of isSeq(value) ? value.items : [value]) {
        add(isMap(item) ? item.get('path', true) : item);
      }
    },
  });
  return [...names];
}
