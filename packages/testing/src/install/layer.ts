import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { run } from './commands.ts';

/** A layer of an image: its compressed file, and the digests that a manifest and a config name. */
export interface Layer {
  readonly file: string;
  readonly digest: string;
  readonly size: number;
  /** Of the file before it was compressed. */
  readonly diffId: string;
}

/** Packs a folder as a layer; the same files give the same digest. */
export async function packLayer(root: string, file: string): Promise<Layer> {
  const tar = `${file}.tar`;
  const steady = ['--sort=name', '--mtime=@0', '--numeric-owner', '--format=gnu'];
  await run('tar', ...steady, '-C', root, '-cf', tar, '.');
  const diffId = await digestOf(tar);
  await pipeline(createReadStream(tar), createGzip({ level: 1 }), createWriteStream(file));
  await rm(tar);
  return { file, digest: await digestOf(file), size: (await stat(file)).size, diffId };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}
