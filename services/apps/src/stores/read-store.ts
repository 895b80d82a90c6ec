/** From the files of a store to its templates, each on its own: one that is bad spoils no other. */
import { setImmediate as pause } from 'node:timers/promises';
import { Problem } from '@cep/contracts/problems';
import { type Outline, summariseTemplate } from '../templates/describe.ts';
import { readTemplate } from '../templates/template.ts';
import { type StoreFiles, unusable } from './files.ts';
import { isListed, openIndex } from './index-file.ts';
import { tryTemplate } from './try-template.ts';

export interface ReadTemplate {
  readonly id: string;
  readonly compose: string;
  readonly readme: string;
  readonly outline: Outline;
}

export interface ReadStore {
  readonly templates: readonly ReadTemplate[];
  /** One sentence for each template that was not taken, and why. */
  readonly warnings: readonly string[];
  /** Of the signed index; 0 without one. */
  readonly serial: number;
}

interface Trust {
  /** The store's name here. */
  readonly name: string;
  /** Ed25519, in base64: nothing else is taken than what it signed. */
  readonly key: string | null;
  readonly serial: number;
  /** Where the images of apps may come from; from anywhere when left out. */
  readonly registries?: readonly string[] | undefined;
}

const MAX_WARNINGS = 100;
/** With what git may take, less than the minute for which the gateway waits; 2,000 templates take about 6 s. */
const PATIENCE_MS = 25_000;
const COMPOSE = '/compose.yaml';

/** @throws {Problem} `store-unusable` when nothing of it can be taken, or that takes too long to tell */
export async function readStore(
  files: StoreFiles,
  { name, key, serial, registries }: Trust,
  patienceMs = PATIENCE_MS,
): Promise<ReadStore> {
  const end = performance.now() + patienceMs;
  const index = key === null ? undefined : openIndex(files, key, serial);
  const isTrusted = (path: string) => {
    const bytes = files.get(path);
    return !index || !bytes || isListed(index, path, bytes);
  };
  const prefix = [...files.keys()].some((path) => path.startsWith('apps/')) ? 'apps/' : '';
  const templates: ReadTemplate[] = [];
  const warnings: string[] = [];
  for (const path of files.keys()) {
    if (!path.startsWith(prefix) || !path.endsWith(COMPOSE)) continue;
    const id = path.slice(prefix.length, -COMPOSE.length);
    const readme = `${prefix}${id}/README.md`;
    // Others are served between two templates.
    await pause();
    if (performance.now() > end) throw unusable(`takes longer than ${patienceMs} ms to check`);
    try {
      if (!isTrusted(path) || !isTrusted(readme)) throw refused('is not as the key signed it');
      const texts = { compose: textOf(files, path), readme: textOf(files, readme) };
      const { revision: _, ...template } = readOne({ store: name, id, ...texts }, registries);
      templates.push(template);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      warnings.push(`${id}: ${error.message}`.slice(0, 500));
    }
  }
  if (templates.length === 0) {
    throw unusable(
      `has no template that can be taken. ${warnings[0] ?? 'There is no ID/compose.yaml'}`.replace(
        /\.$/,
        '',
      ),
    );
  }
  return { templates, warnings: shorten(warnings), serial: index?.serial ?? 0 };
}

const shorten = (warnings: readonly string[]): string[] =>
  warnings.length > MAX_WARNINGS
    ? [...warnings.slice(0, MAX_WARNINGS), `${warnings.length - MAX_WARNINGS} more`]
    : [...warnings];

type Source = Record<'store' | 'id' | 'compose' | 'readme', string>;

/**
 * One template that can be deployed.
 *
 * @throws {Problem} that says why it cannot
 */
export function readOne(
  source: Source,
  registries: Trust['registries'],
): ReadTemplate & { readonly revision: number } {
  const { id, compose, readme } = source;
  for (const text of [compose, readme]) {
    if (/[^\P{Cc}\t\n\r]|\p{Bidi_Control}/u.test(text))
      throw refused('has characters that cannot be shown');
  }
  const template = readTemplate(source);
  tryTemplate(template, registries);
  const { revision } = template;
  return { id, compose, readme, outline: summariseTemplate(template), revision };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function textOf(files: StoreFiles, path: string): string {
  try {
    return decoder.decode(files.get(path) ?? new Uint8Array());
  } catch (cause) {
    throw new Problem('invalid-request', `${path} is not UTF-8.`, { cause });
  }
}

const refused = (why: string) => new Problem('invalid-request', `It ${why}.`);
