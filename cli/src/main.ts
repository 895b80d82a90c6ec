import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { describeFailure } from './describe-failure.ts';
import { wrongUsage } from './failure.ts';
import { program } from './program.ts';

const isUnknown = (error: Error) => /^command .* not found$/.test(error.message);

// Whoever reads us has seen enough, as in `cep apps logs redis | head`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

const args = process.argv.slice(2);
try {
  const config = await Config.load({ root: import.meta.dirname, pjson: program, isRoot: true });
  await run(args, config);
} catch (error) {
  const words = args.filter((word) => !word.startsWith('-')).join(' ');
  const unknown = wrongUsage(`"cep ${words}" is not a command: "cep --help" shows them all.`);
  const isError = error instanceof Error;
  const { sentence, exit, document } = describeFailure(
    !isError ? new Error(String(error)) : isUnknown(error) ? unknown : error,
  );
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ error: document })}\n`);
  else process.stderr.write(`${sentence}\n`);
  process.exitCode = exit;
}
