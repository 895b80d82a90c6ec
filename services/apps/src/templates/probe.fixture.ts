/** Does what a template's tests say, against an app that runs. */
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { AppDetails } from '@cep/contracts/apps';
import type Docker from 'dockerode';
import type { Probe } from './probe.ts';

const PATIENCE_MS = 15_000;

/** @throws with what came instead of what should have */
export async function prove(docker: Docker, app: AppDetails, probe: Probe): Promise<void> {
  const { service, command, path, expectStatus, contains = '' } = probe;
  if (service !== undefined) {
    const end = await run(docker, await containerOf(docker, app, service), command);
    const holds = end.status === 0 && end.text.includes(contains);
    expectText(probe, holds, `ended with ${end.status}: ${end.text}`);
    return;
  }
  const endpoint = app.endpoints.find(({ name }) => name === probe.endpoint);
  if (!endpoint) throw new Error(`${app.name} has no endpoint ${probe.endpoint}`);
  if (path === undefined) {
    const answer = await talk(endpoint, probe);
    expectText(probe, answer.includes(contains), answer);
    return;
  }
  const url = `http://${endpoint.address}:${endpoint.port}${path}`;
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const body = await response.text();
  const holds = response.status === expectStatus && body.includes(contains);
  expectText(probe, holds, `${response.status}: ${body}`);
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
    .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const output = new PassThrough();
  docker.modem.demuxStream(stream, output, output);
  stream.once('end', () => output.end());
  const said = await text(output);
  return { status: (await exec.inspect()).ExitCode, text: said };
}

/** @returns what an endpoint sends until it has said what it should, or says no more */
function talk(
  { address, port }: AppDetails['endpoints'][number],
  { send, contains = '' }: Probe,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(port, address, () => send && socket.write(send));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes(contains)) socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(said));
  });
}
