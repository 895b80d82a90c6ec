import type { Container } from 'dockerode';

/** Runs a program in a container, with a terminal. */
export async function execIn(
  container: Container,
  Cmd: string[],
  Env: string[] = [],
): Promise<{ readonly printed: string; readonly exitCode: number | null }> {
  const exec = await container.exec({
    ...{ Cmd, Env, Tty: true },
    ...{ AttachStdout: true, AttachStderr: true },
  });
  const stream = await exec.start({ hijack: true, stdin: false, Tty: true });
  let text = '';
  for await (const chunk of stream) text += chunk;
  const { ExitCode: exitCode } = await exec.inspect();
  return { printed: text.replaceAll('\r', '').trim(), exitCode };
}
