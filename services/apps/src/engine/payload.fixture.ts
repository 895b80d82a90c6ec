/** A good payload of each kind, for one app; tests of the policy spoil them. */
import type { Service } from '../compose/model.ts';
import { bareService } from '../compose/service.fixture.ts';
import { appLabels, volumeLabels } from './labels.ts';
import { containerPayload, networkPayload, type Placement, volumePayload } from './payload.ts';
import type { Scope } from './policy.ts';
import { targetPayload } from './target-payload.ts';

const app = { id: '1f3a9c2b-0000-4000-8000-000000000000', name: 'web', generation: 1 };
const owner = { instance: 'aaaa', projectId: 'bbbb' };
const network = 'cep-web-1f3a9c2b';
const data = `${network}-data`;
const pooled = `${network}-media`;

export const scope: Scope = {
  instance: 'aaaa',
  appId: app.id,
  network,
  volumes: [data, pooled],
  folders: new Map([[pooled, `/srv/fast/${pooled}`]]),
  containers: [`${network}-web-g1`, `${network}-db-g1`],
  address: '10.42.0.2',
};

export const place: Placement = {
  app,
  owner,
  bindings: [{ service: 'web', target: 80, protocol: 'tcp', address: '10.42.0.2', port: 8080 }],
};

export const fullService = (changes: Partial<Service> = {}): Service =>
  bareService({
    command: ['nginx'],
    environment: { TOKEN: 'x' },
    mounts: [
      { kind: 'volume', volume: 'data', target: '/data', readOnly: false },
      { kind: 'tmpfs', target: '/tmp', sizeBytes: 1024 },
    ],
    healthcheck: {
      test: ['CMD', 'true'],
      interval: 5_000,
      timeout: 1_000,
      startPeriod: 0,
      retries: 3,
    },
    restart: 'unless-stopped',
    ...changes,
  });

export const payload = (changes: Partial<Service> = {}, startInterval = true) =>
  containerPayload(place, fullService(changes), startInterval);

export const ownLabels = appLabels(app, owner);

/** By the kind of request. */
const helper = { instance: scope.instance, image: 'restic/restic:0.18.1' };

/** Places for backups that are tried. */
export const tries = {
  folder: { ...helper, place: { kind: 'folder', at: '/srv/backups' } },
  bucket: { ...helper, place: { kind: 's3', at: 's3:https://s3.example.com/bucket/apps' } },
} as const;

export const good = {
  container: payload(),
  update: { Memory: 2 ** 28, MemorySwap: 2 ** 28 },
  network: networkPayload(ownLabels, scope),
  volume: volumePayload(data, volumeLabels(app, owner, 'data'), scope),
  pooled: volumePayload(pooled, volumeLabels(app, owner, 'media'), scope),
  exec: { Cmd: ['redis-cli', 'ping'], AttachStdout: true, AttachStderr: true },
  files: [{ target: '/etc/app.conf', content: 'a=1' }],
  tryFolder: targetPayload(tries.folder),
  tryBucket: targetPayload(tries.bucket),
};
