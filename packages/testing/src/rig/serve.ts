import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isolated, runInside } from './isolate.ts';
import { describeMissing } from './report.ts';
import { startRig } from './rig.ts';
import { RIG_FILE } from './running.ts';

/** `pnpm rig`: keeps the rig up until Ctrl-C, for any number of `pnpm jest` beside it. */
if (process.env.TEST_RIG_FOLDER) await runInside(main);
else process.exit(await isolated(new URL(import.meta.url), []));

async function main(folder: string, end: AbortSignal): Promise<number> {
  const rig = await startRig(folder);
  const { TEST_NAMESPACES = '' } = process.env;
  const env = { ...rig.env, ...(TEST_NAMESPACES && { TEST_NAMESPACES }) };
  await mkdir(dirname(RIG_FILE), { recursive: true });
  await writeFile(RIG_FILE, `${JSON.stringify({ folder, env }, undefined, 2)}\n`);
  const addresses = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  process.stdout.write(`${addresses.join('')}${describeMissing(rig.missing)}`);
  process.stdout.write('The rig is up. In another terminal: pnpm jest PATTERN. Ctrl-C ends it.\n');
  if (!end.aborted) await once(end, 'abort');
  await rm(RIG_FILE, { force: true });
  await rig.stop();
  return 0;
}
