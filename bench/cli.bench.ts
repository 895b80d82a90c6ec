import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Bench, inFolder, type Measurement, median } from './bench.ts';
import { root, startStandalone } from './standalone.ts';

const run = promisify(execFile);
const ROUNDS = 25;
const NODE = process.execPath;

/** `cep network list` from typed to its end, against a bare program of oclif and against Node alone. */
export const bench: Bench = {
  run: () => inFolder((home) => inFolder((folder) => measure(home, folder))),
};

async function measure(home: string, folder: string): Promise<Measurement[]> {
  const cep = await startStandalone(home);
  const env = { ...process.env, CEP_HOME: home };
  const bare = await bareProgram(folder);
  const programs = {
    ours: () => run(join(root, 'cep'), ['network', 'list'], { env }),
    oclif: () => run(NODE, [bare], { env }),
    node: () => run(NODE, ['-e', '0'], { env }),
  };
  const times: Record<keyof typeof programs, number[]> = { ours: [], oclif: [], node: [] };
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const name of ['ours', 'oclif', 'node'] as const) {
        const started = performance.now();
        await programs[name]();
        if (round > 0) times[name].push((performance.now() - started) / 1000); // the first warms up
      }
    }
  } finally {
    await cep.stop();
  }
  const [ours, oclif, node] = [median(times.ours), median(times.oclif), median(times.node)];
  const peer = `a bare program of oclif: ${show(oclif)}, node -e 0: ${show(node)}`;
  return [
    { name: 'cli: cep network list', value: ours, unit: 's', bound: { atMost: 0.15 }, peer },
    {
      name: 'cli: cep network list, the fastest',
      ...{ value: Math.min(...times.ours), unit: 's' },
      peer: `node -e 0: ${show(Math.min(...times.node))}`,
    },
  ];
}

/** One command that prints a word, as oclif would have it begun. */
async function bareProgram(folder: string): Promise<string> {
  const oclif = import.meta.resolve('@oclif/core');
  const begin = join(folder, 'begin.mjs');
  const manifest = {
    ...{ name: 'bare', version: '1.0.0', type: 'module' },
    oclif: { commands: { strategy: 'single', target: './command.js' } },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(
    join(folder, 'command.js'),
    `import { Command } from '${oclif}';
     export default class Bare extends Command { async run() { this.log('done'); } }`,
  );
  await writeFile(
    begin,
    `import { execute } from '${oclif}'; await execute({ dir: import.meta.url });`,
  );
  return begin;
}

const show = (seconds: number) => `${seconds.toFixed(3)} s`;
