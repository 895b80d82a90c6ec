/** A database of one's own, by the programs that its template has, with the real engine and the real restic. */
import * as contract from '@cep/contracts/backups';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { storeOf, user, type World } from '../../apps.fixture.ts';
import { LABELS } from '../../engine/labels.ts';
import { execIn } from '../../exec.fixture.ts';
import { createBackupWorld } from '../backups.fixture.ts';

const REST = `trap 'exit 0' TERM; echo up > /dev/shm/up; sleep 100000 & wait`;
const RESTS = 'until [ -e /dev/shm/up ]; do sleep 1; done';
const SECRET = 'Xq7LongEnoughToBeSeen';
const template = (dump: string) => `, parameters: [{name: KEY, type: secret, label: Key}],
  volumes: {data: {class: data, uid: 1000, gid: 1000}},
  backup: {mode: hot, dumps: {db: {dump: [sh, -c, "${dump}"], load: [sh, -c, "${RESTS}; cat > /data/rows"]}}}}
services:
  db:
    image: busybox:1
    user: "1000:1000"
    command: [sh, -c, "${REST}"]
    volumes: ["data:/data"]
    environment: { KEY: "\${KEY}" }
    stop_grace_period: 1s
    x-cep: { role: database }
volumes: { data: }
`;
const store = storeOf({
  good: template('cat /data/rows'),
  breaks: template('cat /data/rows; echo no more rows, $KEY >&2; exit 4'),
  empty: template('true'),
});
const LONG = 120_000;

requires('postgres', 'docker')('a database that its template dumps', () => {
  let world: World;
  let close: () => Promise<void>;
  const ada = user();
  beforeAll(async () => {
    ({ world, close } = await createBackupWorld({ store }));
  }, LONG);
  afterAll(() => close(), LONG);

  async function run(app: string, line: string) {
    const label = [`${LABELS.appName}=${app}`, `${LABELS.service}=db`];
    const [found] = await world.docker.listContainers({ filters: { label } });
    const container = world.docker.getContainer(found?.Id ?? '');
    return (await execIn(container, ['sh', '-c', line])).printed;
  }
  async function backUp(app: string) {
    await world.end(
      ...([
        ada,
        (await world.deploy(ada, { template: app, parameters: { KEY: SECRET } })).operation,
      ] as const),
    );
    // More than a piece, of any bytes, and without the end of a line; and what no dump has.
    await run(app, 'head -c 5000001 /dev/urandom > /data/rows; echo file > /data/lock');
    const input = { params: { app }, body: {} };
    const { backup, operation } = await world.call(ada, contract.createBackup, input);
    return { id: backup.id, end: await world.end(ada, operation) };
  }

  test(
    'is in a backup, and in a fresh app, byte for byte',
    async () => {
      const { id, end } = await backUp('good');
      expect(end).toMatchObject({ state: 'succeeded', failure: null });
      const made = await world.call(ada, contract.getBackup, { params: { backup: id } });
      expect(made).toMatchObject({
        ...{ mode: 'hot', volumes: [], dumps: [{ service: 'db', kind: 'own' }] },
      });

      const input = { params: { backup: id }, body: { parameters: {}, as: 'copy' } };
      const { operation } = await world.call(ada, contract.restoreBackup, input);
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded', failure: null });

      const sum = 'md5sum /data/rows';
      expect(await run('copy', sum)).toBe(await run('good', sum));
      expect(await run('copy', 'ls /data')).toBe('rows');
      // The volume is new, and is that of the user all the same.
      expect(await run('copy', 'stat -c %u:%g /data')).toBe('1000:1000');
    },
    LONG,
  );

  test(
    'is in none when its program fails, or prints nothing, with its words and without secrets',
    async () => {
      const broken = (await backUp('breaks')).end;
      expect(broken).toMatchObject({
        state: 'failed',
        failure: { code: 'dump-failed', message: expect.stringContaining('no more rows, ***') },
      });
      expect(JSON.stringify(broken)).not.toContain(SECRET.slice(0, 6));
      const { end } = await backUp('empty');
      expect(end).toMatchObject({ state: 'failed', failure: { code: 'dump-failed' } });
    },
    LONG,
  );
});
