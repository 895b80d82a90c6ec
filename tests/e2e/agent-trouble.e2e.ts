/** What goes wrong around agents ends in a clear state, and heals. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@cep/testing/eventually';
import { nebulaPrograms } from '@cep/testing/nebula';
import { startPing } from '@cep/testing/ping';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cliOf, createHome } from './cep.ts';
import { createMixedLab, type MixedLab, type Name } from './mixed-lab.ts';

// Each step starts programs, and waits for what they do.
jest.setTimeout(180_000);

const GAP_MS = 500;
const DAY_MS = 86_400_000;

interface RotationState {
  readonly rotation: null | {
    readonly stage: string;
    readonly waitingFor: readonly { readonly host: string }[];
  };
}

requires(
  'docker',
  'nebula',
  'namespaces',
)('agents in trouble', () => {
  let lab: MixedLab<'thief'>;

  beforeAll(async () => {
    lab = await createMixedLab(['thief']);
  });
  afterAll(() => lab?.close());

  const rotation = async () =>
    (await lab.here.json<RotationState>('network', 'rotation', 'home')).rotation;
  const problemOf = async (name: Name) => (await lab.statusOf(name)).problem;

  test('control plane and agents are killed while an authority is replaced: it goes on', async () => {
    const ping = await startPing(lab.hosts.new, lab.addresses.light);
    const before = (await lab.list()).map(({ certificate }) => certificate.fingerprint);
    await lab.killAgent('old');

    await lab.here.json('network', 'rotate-ca', 'home', '--no-wait');
    await eventually(
      async () => expect((await rotation())?.waitingFor).toMatchObject([{ host: 'old' }]),
      { within: 20_000 },
    );
    await lab.killAgent('middle');
    await lab.restartControlPlane();
    expect(await rotation()).toMatchObject({ stage: 'trust' });
    await lab.connect('middle');
    await lab.connect('old');

    await eventually(async () => expect(await rotation()).toBeNull(), { within: 60_000 });
    await lab.allCurrent();
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
    const after = (await lab.list()).map(({ certificate }) => certificate.fingerprint);
    expect(after.some((each) => before.includes(each))).toBe(false);
    await lab.everybodyMeets();
  });

  test('a host whose clock is a day ahead says so, and is back when it is set', async () => {
    const wrong = join(lab.homeOf('old'), 'wrong-clock');
    const clock = join(lab.homeOf('old'), 'clock.cjs');
    writeFileSync(clock, clockThatIsAhead(wrong));
    await lab.on('old').json('host', 'disconnect', 'home', 'old');
    writeFileSync(wrong, '');

    await lab.connect('old', { NODE_OPTIONS: `--require=${clock}` });

    await eventually(async () => expect(await problemOf('old')).toContain('clock'));
    await lab.pingWorks('old', 'new');
    rmSync(wrong);
    await eventually(async () => expect(await lab.statusOf('old')).toMatchObject(WELL), {
      within: 60_000,
    });
    await lab.on('old').json('host', 'disconnect', 'home', 'old');
    await lab.connect('old');
    await lab.allCurrent();
  });

  test('a copied host is told apart: the first says that it is connected elsewhere', async () => {
    const stolen = createHome();
    cpSync(lab.homeOf('middle'), stolen.path, { recursive: true });
    rmSync(join(stolen.path, 'hosts/home/middle/supervisor.json'));
    const thief = cliOf(stolen.path, lab.hosts.thief, {
      CEP_NEBULA: nebulaPrograms('1.9').nebula,
    });

    await thief.json('host', 'connect', 'home', 'middle', '--detach');

    await eventually(async () =>
      expect(await problemOf('middle')).toContain('Another agent has connected'),
    );
    await thief.json('host', 'disconnect', 'home', 'middle');
    stolen.remove();
    await lab.on('middle').json('host', 'disconnect', 'home', 'middle');
    await lab.connect('middle');
    await lab.allCurrent();
    await lab.everybodyMeets();
  });
});

const WELL = { connected: true, problem: null };

/** For a Node: its clock is a day ahead as long as the file is there. */
const clockThatIsAhead = (file: string) => `
  const { existsSync } = require('node:fs');
  const right = Date.now;
  const now = () => right() + (existsSync(${JSON.stringify(file)}) ? ${DAY_MS} : 0);
  globalThis.Date = class extends Date {
    constructor(...given) {
      if (given.length > 0) super(...given);
      else super(now());
    }
    static now() {
      return now();
    }
  };
`;
