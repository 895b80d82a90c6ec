/** A registry of images that is never any good, each in another way. */
import { createHash, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';

const STATUS = { missing: 404, busy: 429, broken: 500 } as const;
/** An image of one layer, of which only half ever comes. */
const HALTING = haltingImage();

/** When it was asked for what is to be asked for later, milliseconds. */
export const askedAt: number[] = [];
export const PAUSE_MS = 2_500;
/** As registries of our days put it; their header is not passed on by Docker. */
const LATER = `retry-after: ${PAUSE_MS / 1_000}s, allowed: 1/minute`;

/** Answers what a bad registry does; of `silent` it says nothing at all. */
export const badRegistry: RequestListener = (req, res) => {
  const [, , name = '', kind = '', what = ''] = req.url?.split('/') ?? [];
  if (name === 'silent') return;
  if (name === 'halting') {
    const found = HALTING.get(kind === 'manifests' ? 'manifest' : what);
    if (!found) return void res.writeHead(404).end();
    const { type, digest, bytes, sent = bytes.length } = found;
    const length = { 'content-type': type, 'content-length': bytes.length };
    res.writeHead(200, { ...length, 'docker-content-digest': digest });
    if (req.method === 'HEAD' || sent === bytes.length) res.end(bytes);
    else res.write(bytes.subarray(0, sent));
    return;
  }
  if (name === 'later' && kind === 'manifests') askedAt.push(Date.now());
  if (name === 'later' && kind === 'manifests' && Date.now() < (askedAt[0] ?? 0) + PAUSE_MS) {
    const errors = [{ code: 'TOOMANYREQUESTS', message: LATER }];
    res.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
    return;
  }
  if (!Object.hasOwn(STATUS, name) && !kind) {
    res.writeHead(200, { 'docker-distribution-api-version': 'registry/2.0' }).end('{}');
    return;
  }
  const status = STATUS[name as keyof typeof STATUS] ?? 404;
  const code = { 404: 'MANIFEST_UNKNOWN', 429: 'TOOMANYREQUESTS', 500: 'UNKNOWN' }[status];
  const errors = [{ code, message: status === 404 ? 'manifest unknown' : name }];
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
};

interface Blob {
  readonly type: string;
  readonly digest: string;
  readonly bytes: Buffer;
  /** So much of it is sent, and then nothing more. */
  readonly sent?: number;
}

function haltingImage(): Map<string, Blob> {
  const type = (what: string) => `application/vnd.docker.${what}`;
  const blobOf = (kind: string, bytes: Buffer): Blob => ({
    ...{ type: type(kind), bytes },
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  });
  const layer = blobOf('image.rootfs.diff.tar.gzip', randomBytes(4_000_000));
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = blobOf(
    'container.image.v1+json',
    Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs })),
  );
  const named = ({ type: mediaType, digest, bytes }: Blob) => ({
    ...{ mediaType, digest, size: bytes.length },
  });
  const mediaType = type('distribution.manifest.v2+json');
  const manifest = { schemaVersion: 2, mediaType, config: named(config), layers: [named(layer)] };
  return new Map([
    ['manifest', blobOf('distribution.manifest.v2+json', Buffer.from(JSON.stringify(manifest)))],
    [config.digest, config],
    [layer.digest, { ...layer, sent: layer.bytes.length / 2 }],
  ]);
}
