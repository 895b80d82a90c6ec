import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE, IMAGES } from './cache.ts';
import { run } from './commands.ts';
import { type Layer, packLayer } from './layer.ts';
import { BASE_PACKAGES, type Recipe, recipes } from './recipes.ts';
import { storeImage } from './registry-storage.ts';
import { furnish, furnishBase, isNeeded, unpackRoot } from './root.ts';
import type { Offered, SuiteSource } from './suites.ts';

const KEYS = join(CACHE, 'images.json');
const ARCHIVES = join(CACHE, 'archives');

/** What images stand on that have no suite of their own. */
const SUITE = 'bookworm';

/** Builds those images of the test registry that are missing or made from something else. */
export async function buildImages(
  sourceOf: (suite: string) => Promise<SuiteSource>,
): Promise<void> {
  const known = await readKeys();
  const suiteOf = ({ suite = SUITE }: Recipe) => suite;
  for (const suite of new Set(recipes.map(suiteOf))) {
    const own = recipes.filter((recipe) => suiteOf(recipe) === suite);
    await buildSuite(await sourceOf(suite), own, known);
  }
}

async function buildSuite(
  source: SuiteSource,
  own: readonly Recipe[],
  known: Record<string, string>,
): Promise<void> {
  const base = await source.closure(BASE_PACKAGES);
  const stale: { recipe: Recipe; packages: Offered[]; key: string }[] = [];
  for (const recipe of own) {
    const packages = await source.closure([...BASE_PACKAGES, ...recipe.packages]);
    const key = digest(JSON.stringify([recipe, packages, await ownFilesKey(recipe)]));
    if (known[recipe.name] !== key) stale.push({ recipe, packages, key });
  }
  if (stale.length === 0) return;
  const workplace = await mkdtemp(join(tmpdir(), 'cep-images-'));
  try {
    const baseLayer = await buildBase(source, base, workplace);
    for (const { recipe, packages, key } of stale) {
      await buildImage(source, { recipe, packages, base, baseLayer, workplace });
      known[recipe.name] = key;
      await writeFile(KEYS, JSON.stringify(known));
    }
  } finally {
    await rm(workplace, { recursive: true });
  }
}

async function buildBase(source: SuiteSource, base: Offered[], workplace: string): Promise<Layer> {
  await source.downloadClosure(BASE_PACKAGES, ARCHIVES);
  const root = join(workplace, 'base');
  await unpackRoot(root, archives(base));
  await furnishBase(root);
  return packLayer(root, `${root}.layer`);
}

interface Build {
  readonly recipe: Recipe;
  readonly packages: readonly Offered[];
  readonly base: readonly Offered[];
  readonly baseLayer: Layer;
  readonly workplace: string;
}

/** The base, the packages and our own files: a layer each, so that pulling shows progress by layer. */
async function buildImage(
  source: SuiteSource,
  { recipe, packages, base, baseLayer, workplace }: Build,
): Promise<void> {
  const layers = [baseLayer];
  const more = packages.filter(({ file }) => !base.some((known) => known.file === file));
  if (recipe.packages.length > 0) {
    await source.downloadClosure([...BASE_PACKAGES, ...recipe.packages], ARCHIVES);
    const root = join(workplace, recipe.name, 'packages');
    await unpackRoot(root, archives(more));
    layers.push(await packLayer(root, `${root}.layer`));
  }
  const root = join(workplace, recipe.name, 'own');
  await mkdir(root, { recursive: true });
  await furnish(root, recipe);
  layers.push(await packLayer(root, `${root}.layer`));
  const { name, tags, config } = recipe;
  const architecture = (await run('dpkg', '--print-architecture')).trim();
  await storeImage(IMAGES, { name, tags, config, layers, architecture });
}

function archives(packages: readonly Offered[]): string[] {
  return packages.filter(({ file }) => isNeeded(file)).map(({ file }) => join(ARCHIVES, file));
}

/** What an image is made from beside packages and its recipe, wherever this repository lies. */
async function ownFilesKey({ name }: Recipe): Promise<string> {
  const folder = fileURLToPath(new URL('../..', import.meta.url));
  const makers = ['src/install/root.ts', 'src/install/layer.ts'];
  const overlay = join('images', name);
  const files = existsSync(join(folder, overlay)) ? [overlay, ...makers] : makers;
  return digest(await run('tar', '--sort=name', '--mtime=@0', '-C', folder, '-cf', '-', ...files));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function readKeys(): Promise<Record<string, string>> {
  const text = await readFile(KEYS, 'utf8').catch(() => '{}');
  return JSON.parse(text);
}
