import { describe, expect, test } from '@jest/globals';
import type { Healthcheck, Service } from '../compose/model.ts';
import { updatePayload } from './limits.ts';
import { fullService, ownLabels, payload, place, scope } from './payload.fixture.ts';
import { healthDeadline } from './payload.ts';
import { judgeUpdate } from './policy.ts';
import { limitsOf } from './shape.ts';

const spec = (changed: Partial<Service> = {}, fast = true) =>
  payload(changed, fast).Labels['cep.spec'];
const host = (changed: Partial<Service>) => payload(changed).HostConfig;
const check = fullService().healthcheck as Healthcheck;

describe('the payload', () => {
  test('has another spec when it would be another container, and only then', () => {
    expect(spec()).toBe(spec({}, false));
    expect(spec({ dependsOn: [{ service: 'db', condition: 'started' }] })).toBe(spec());
    expect(spec({ command: ['other'] })).not.toBe(spec());
    expect(spec({ environment: { TOKEN: 'y' } })).not.toBe(spec());
    expect(spec({ labels: { team: 'a' } })).not.toBe(spec());
    const file = { target: '/a', content: 'b', mode: 0o444, uid: 0, gid: 0 };
    expect(spec({ files: [file] })).not.toBe(spec({ files: [{ ...file, content: 'c' }] }));
  });

  test('has the same spec whatever can be changed of it while it runs', () => {
    const other = { memoryBytes: 2 ** 28, cpus: 1, pids: 9, cpuShares: 512 };
    expect(spec({ ...other, memoryReservationBytes: 2 ** 26 })).toBe(spec());
    expect(spec({ restart: 'on-failure', restartLimit: 3 })).toBe(spec());
    expect(spec({ shmSizeBytes: 2 ** 26 })).not.toBe(spec());
  });

  test('is what an update brings an older one to', () => {
    const changed = { memoryBytes: 2 ** 28, cpus: 1.5, pids: 9, cpuShares: 512 };
    const { HostConfig } = payload({
      ...{ ...changed, memoryReservationBytes: 2 ** 26 },
      ...{ restart: 'on-failure', restartLimit: 3 },
    });

    const update = updatePayload(limitsOf(HostConfig));

    expect(HostConfig).toMatchObject(update);
    expect({ ...host({}), ...update }).toEqual(HostConfig);
    expect(judgeUpdate(update, scope, ownLabels)).toBeUndefined();
    expect(judgeUpdate(updatePayload({ restart: 'no' }), scope, ownLabels)).toBeUndefined();
    expect(updatePayload({ memoryBytes: 0, pids: 0 })).toEqual({});
  });

  test('probes fast while a container starts, where the engine can and nobody forbids it', () => {
    expect(payload().Healthcheck).toMatchObject({ StartPeriod: 15e9, StartInterval: 0.5e9 });
    expect(payload({}, false).Healthcheck).not.toHaveProperty('StartInterval');
    const slow = payload({ healthcheck: { ...check, startInterval: 5_000 } }).Healthcheck;
    expect(slow).toMatchObject({ StartPeriod: 0, StartInterval: 5e9 });
    expect(healthDeadline(check)).toBe(18_000);
  });

  test('bounds what does not bound itself, and takes no swap', () => {
    expect(host({})).toMatchObject({
      Memory: 2 ** 31,
      MemorySwap: 2 ** 31,
      CpuPeriod: 100_000,
      CpuQuota: 200_000,
      PidsLimit: 512,
      SecurityOpt: ['no-new-privileges:true'],
      CapDrop: ['ALL'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    });
    expect(host({ memoryBytes: 2 ** 28, cpus: 0.5, pids: 9 })).toMatchObject({
      Memory: 2 ** 28,
      MemorySwap: 2 ** 28,
      CpuQuota: 50_000,
      PidsLimit: 9,
    });
  });

  test('gives capabilities up', () => {
    expect(host({ capDrop: ['CHOWN'] }).CapAdd).not.toContain('CHOWN');
    expect(host({ capDrop: ['ALL'], capAdd: ['NET_BIND_SERVICE'] }).CapAdd).toEqual([
      'NET_BIND_SERVICE',
    ]);
  });

  test.each<[string, Partial<Service>, object]>([
    ['no network', { network: 'none' }, { NetworkMode: 'none' }],
    [
      "another service's network",
      { network: { of: 'db' } },
      { NetworkMode: 'container:cep-web-1f3a9c2b-db-g1' },
    ],
    ["another's processes", { pidOf: 'db' }, { PidMode: 'container:cep-web-1f3a9c2b-db-g1' }],
    ['memory to share', { sharesIpc: true }, { IpcMode: 'shareable' }],
    ["another's memory", { ipcOf: 'db' }, { IpcMode: 'container:cep-web-1f3a9c2b-db-g1' }],
    [
      'five attempts',
      { restart: 'on-failure', restartLimit: 5 },
      { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 } },
    ],
    [
      'other logs',
      { logging: { driver: 'local', maxSize: '5MB', maxFiles: 2 } },
      { LogConfig: { Type: 'local', Config: { 'max-size': '5m', 'max-file': '2' } } },
    ],
    ['no logs', { logging: { driver: 'none' } }, { LogConfig: { Type: 'none', Config: {} } }],
    [
      'limits of a process',
      { ulimits: [{ name: 'nofile', soft: 1, hard: 2 }] },
      { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] },
    ],
    [
      'a path of the machine',
      { mounts: [{ kind: 'host', source: '/media', target: '/m', readOnly: true }] },
      {
        Mounts: [
          {
            Type: 'bind',
            Source: '/media',
            Target: '/m',
            ReadOnly: true,
            BindOptions: { Propagation: 'rprivate', CreateMountpoint: false },
          },
        ],
      },
    ],
  ])('says %s', (_, changed, expected) => {
    expect(host(changed)).toMatchObject(expected);
  });

  test('is on no network of the app when it has another', () => {
    expect(payload({ network: 'none' }).NetworkingConfig).toEqual({ EndpointsConfig: {} });
    expect(Object.keys(payload().NetworkingConfig.EndpointsConfig)).toEqual([
      `cep-${place.app.name}-1f3a9c2b`,
    ]);
  });

  test("never lets an app's label replace one of cep's", () => {
    const { Labels } = payload({ labels: { 'cep.app': 'other', team: 'a' } });

    expect(Labels).toMatchObject({ 'cep.app': place.app.id, team: 'a' });
  });
});
