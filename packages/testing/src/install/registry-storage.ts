import { createHash } from 'node:crypto';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Layer } from './layer.ts';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

interface Image {
  readonly name: string;
  readonly tags: readonly string[];
  readonly layers: readonly Layer[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly architecture: string;
}

/**
 * Writes an image, as `library/NAME` unless its name has an owner, into a folder as the registry's `filesystem` driver keeps it,
 * replacing what was there: quicker than pushing, and needs no engine.
 */
export async function storeImage(storage: string, image: Image): Promise<void> {
  const v2 = join(storage, 'docker/registry/v2');
  const owner = image.name.includes('/') ? '' : 'library';
  const repository = join(v2, 'repositories', owner, image.name);
  const blob = (digest: string) => {
    const hash = digest.replace('sha256:', '');
    return join(v2, 'blobs/sha256', hash.slice(0, 2), hash, 'data');
  };
  const put = async (text: string) => {
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    await write(blob(digest), text);
    return { digest, size: Buffer.byteLength(text) };
  };
  await rm(repository, { recursive: true, force: true });
  for (const { file, digest } of image.layers) {
    await mkdir(dirname(blob(digest)), { recursive: true });
    await copyFile(file, blob(digest));
  }
  const config = await put(JSON.stringify(configOf(image)));
  const layers = image.layers.map(({ digest, size }) => ({ mediaType: LAYER, digest, size }));
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, ...config },
    layers,
  };
  const { digest } = await put(JSON.stringify(manifest));
  const link = (path: string, to: string) =>
    write(join(repository, path, to.replace(':', '/'), 'link'), to);
  for (const layer of [...image.layers, config]) await link('_layers', layer.digest);
  await link('_manifests/revisions', digest);
  for (const tag of image.tags) {
    await link(`_manifests/tags/${tag}/index`, digest);
    await write(join(repository, `_manifests/tags/${tag}/current/link`), digest);
  }
}

function configOf({ architecture, config, layers }: Image): object {
  const created = '1970-01-01T00:00:00Z';
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
  const history = layers.map(() => ({ created }));
  return { architecture, os: 'linux', created, config, rootfs, history };
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
