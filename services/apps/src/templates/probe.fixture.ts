/** Does what a template's tests say, against an app that runs. */
import { connect } from 'node:net';
import type { AppDetails } from '@cep/contracts/apps';
import type Docker from 'dockerode';
import type { Probe } from './probe.ts';

const PATIENCE_MS = 15_000;

/** @throws with what came instead of what should have */
export async function prove(docker: Docker, app: AppDetails, probe: Probe): Promise<void> {
  const { service, command, path, expectStatus, contains = '' } = probe;
  if (service !== undefined) {
    const { status, text } = await run(docker, await containerOf(docker, app, service), command);
    expectText(probe, status === 0 && text.includes(contains), `ended with ${status}: ${text}`);
    return;
  }
  const endpoint = app.endpoints.find(({ name }) => name === probe.endpoint);
  if (!endpoint) throw new Error(`${app.name} has no endpoint ${probe.endpoint}`);
  if (path === undefined) {
    const text = await talk(endpoint, probe);
    expectText(probe, text.includes(contains), text);
    return;
  }
  const url = `http://${endpoint.address}:${endpoint.port}${path}`;
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  const holds = response.status === expectStatus && text.includes(contains);
  expectText(probe, holds, `${response.status}: ${text}`);
}

function expectText(probe: Probe, holds: boolean, got: string): void {
  if (!holds) throw new Error(`${JSON.stringify(probe)} gave ${got.slice(0, 500)}`);
}

async function containerOf(docker: Docker, { id }: AppDetails, service: string): Promise<string> {
  const filters = { label: [`cep.app=${id}`, `cep.service=${service}`] };
  const [container] = await docker.listContainers({ filters });
  if (!container) throw new Error(`${service} does not run`);
  return container.Id;
}

async function run(docker: Docker, container: string, command: readonly string[] = []) {
  const exec = await docker
    .getContainer(container)
    .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return { status: (await exec.inspect()).ExitCode, text };
}

/** @returns what an endpoint sends until it has said what it should, or says no more */
function talk(
  { address, port }: AppDetails['endpoints'][number],
  { send, contains = '' }: Probe,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, address, () => send && socket.write(send));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes(contains)) socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(text));
  });
}
