/** Connections in which the host that is called speaks alone, and changes after which they may not be. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { editHost } from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { setPolicy } from '@cep/contracts/policies';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { type NebulaVersion, nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { becomeHost, type Cloud, type Joined, startCloud } from './cloud.fixture.ts';

// Each host is a process that is started, and there are three.
jest.setTimeout(120_000);

const PROGRAM = fileURLToPath(new URL('flow.fixture.ts', import.meta.url));
/** Whether it ends at all: how soon is measured by bench/revocation. */
const CUT_MS = 3_000;
/** TCP tries again at ever longer intervals: several times in this. */
const SILENCE_MS = 5_000;
/** Tunnels may be about to begin anew, with what changed before. */
const FIRST_WORD_MS = 20_000;
/** What TCP may wait for before it tries once more. */
const NEXT_WORD_MS = 15_000;

const PORT = 7_000;
/** What no change is about. */
const KEPT_PORT = 7_001;
const rule = {
  ...{ from: ['group:staff'], to: ['group:servers'] },
  allow: [`tcp:${PORT}`, `udp:${PORT}`],
};
const kept = { from: ['host:caller'], to: ['host:called'], allow: [`tcp:${KEPT_PORT}`] };

requires(
  'postgres',
  'nebula',
  'namespaces',
)('a connection in which the callee speaks', () => {
  let folder: string;
  let lab: Lab<'light' | 'caller' | 'called'>;
  let cloud: Cloud;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cep-flows-'));
    lab = await createLab({ hosts: ['light', 'caller', 'called'] });
    cloud = await startCloud(lab.gateway, folder);
    const ports = [PORT, KEPT_PORT].map(String);
    lab.hosts.called.spawn(process.execPath, [PROGRAM, 'speak', ...ports], { stdio: 'inherit' });
  });
  afterAll(async () => {
    await cloud.stop();
    await lab.close();
    await rm(folder, { recursive: true });
  });

  describe.each(nebulaVersions)('nebula %s', (version) => {
    const network = `v${version.replace('.', '-')}`;
    /** Where it must be started anew to show another certificate, nebula forgets what it had let in. */
    const goesOn = version !== '1.6';
    let hosts: Joined[];
    let address: string;
    beforeAll(async () => {
      const nebula = nebulaPrograms(version satisfies NebulaVersion).nebula;
      await cloud.client.call(createNetwork, { body: { name: network } });
      const join = (name: keyof typeof lab.hosts, more: object) =>
        becomeHost(cloud, lab.hosts[name], { network, name, nebula, ...more });
      const light = await join('light', { port: 4242 });
      const called = await join('called', { groups: ['servers'] });
      hosts = [light, called, await join('caller', { groups: ['staff'] })];
      address = called.address;
    });
    afterAll(() => Promise.all(hosts.map((each) => each.leave())));

    const allow = (...rules: object[]) =>
      cloud.client.call(setPolicy, {
        params: { network },
        body: { rules: rules as (typeof rule)[], tests: [] },
      });
    const regroup = (host: string, ...groups: string[]) =>
      cloud.client.call(editHost, { params: { network, host }, body: { groups } });

    /** One that has begun. */
    async function call(protocol: string, port: number) {
      const args = [PROGRAM, 'listen', protocol, address, String(port)];
      const listener = lab.hosts.caller.spawn(process.execPath, args, {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      let last = 0;
      listener.on('message', (time: number) => {
        last = time;
      });
      await eventually(async () => expect(last).toBeGreaterThan(0), { within: FIRST_WORD_MS });
      return { lastWord: () => last, end: () => listener.kill('SIGKILL') };
    }

    test.each([
      ['a rule is removed', () => allow(kept)],
      ['its caller has left the group that may call', () => regroup('caller')],
      ['who is called has left the group that may be called', () => regroup('called')],
    ])('is cut when %s', async (_, change) => {
      await allow(rule, kept);
      await regroup('caller', 'staff');
      await regroup('called', 'servers');
      const flows = [await call('tcp', PORT), await call('udp', PORT)];
      const other = await call('tcp', KEPT_PORT);
      const began = Date.now();

      await change();

      await sleep(SILENCE_MS);
      for (const { lastWord } of flows) expect(lastWord() - began).toBeLessThan(CUT_MS);
      // Where tunnels are begun anew TCP waits, and may be about to wait longer.
      const now = Date.now();
      const still = goesOn ? other : await call('tcp', KEPT_PORT);
      await eventually(async () => expect(still.lastWord()).toBeGreaterThan(now), {
        within: NEXT_WORD_MS,
      });
      for (const { end } of [...flows, other, still]) end();
    });
  });
});
