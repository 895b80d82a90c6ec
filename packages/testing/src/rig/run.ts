import { inspect } from 'node:util';
import { isolated, runInside } from './isolate.ts';
import { runSuites } from './jest.ts';
import { parseOptions } from './options.ts';
import { closingLine, describeMissing, describeUnsteady } from './report.ts';
import { type Rig, startRig } from './rig.ts';

/** `npm test`: the rig, the suites in it, and the closing line. */
if (process.env.TEST_RIG_FOLDER) await runInside(main);
else process.exit(await isolated(new URL(import.meta.url), process.argv.slice(2)));

async function main(folder: string, end: AbortSignal): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const needsRig = options.suites.some((suite) => suite !== 'unit');
  let rig: Rig | undefined;
  try {
    rig = needsRig ? await startRig(folder) : undefined;
    const absent = rig?.missing ?? [];
    process.stdout.write(describeMissing(absent));
    const counts = await runSuites(options, { folder, env: rig?.env ?? {}, end });
    process.stdout.write(describeMissing(absent));
    process.stdout.write(describeUnsteady(counts));
    const strict = process.env.CI === 'true' && counts.skipped > 0;
    if (strict) process.stdout.write('Skipped tests count as failures where CI=true.\n');
    process.stdout.write(closingLine(counts));
    return counts.failed > 0 || strict || end.aborted ? 1 : 0;
  } catch (error) {
    // A rig that does not come up is a failure like any other, and says so in the same place.
    process.stdout.write(`${inspect(error)}\n${closingLine({ passed: 0, failed: 1, skipped: 0 })}`);
    return 1;
  } finally {
    await rig?.stop();
  }
}
