/** A Docker Engine on a machine of its own, reached by TLS in which both sides show a certificate. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import type { Issued } from './certificates.ts';
import { testDocker } from './docker.ts';
import type { LabHost } from './lab-host.ts';
import { runDockerd } from './rig/dockerd.ts';

export interface RemoteDocker {
  readonly url: string;
  /** As root of its machine sees it. */
  readonly docker: Docker;
  /** Ends it at once, as a machine ends that loses its power. */
  kill(): Promise<void>;
  /** Starts it again with the data that it had. @param forgets  makes it another engine */
  start(options?: { readonly forgets?: boolean }): Promise<void>;
  close(): Promise<void>;
}

interface Options {
  readonly host: LabHost;
  /** PEM: who signs the certificates of clients. */
  readonly ca: string;
  readonly identity: Issued;
  /** What it has from the beginning: it reaches no registry. */
  readonly images: readonly string[];
}

export async function startRemoteDocker(options: Options): Promise<RemoteDocker> {
  const { host, ca, identity, images } = options;
  const folder = await mkdtemp(join(tmpdir(), 'cep-docker-'));
  const files = { tlscacert: ca, tlscert: identity.certificate, tlskey: identity.key };
  await mkdir(join(folder, 'tls'));
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, 'tls', name), text);
  const paths = Object.keys(files).map((name) => [name, join(folder, 'tls', name)]);
  const run = () =>
    runDockerd({
      folder,
      hosts: [`tcp://${host.address}:2376`],
      settings: { ...Object.fromEntries(paths), tlsverify: true },
      enter: ['nsenter', `--net=/run/netns/${host.namespace}`, '--'],
    });
  let server = await run();
  const docker = new Docker({ socketPath: server.socket });
  for (const image of images) await docker.loadImage(await exported(image));
  return {
    url: `https://${host.address}:2376`,
    docker,
    kill: () => server.stop('SIGKILL'),
    async start({ forgets = false } = {}) {
      if (forgets) await rm(join(folder, 'data', 'engine-id'));
      server = await run();
    },
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** An image of the rig's engine. */
async function exported(image: string): Promise<NodeJS.ReadableStream> {
  const { docker } = testDocker();
  const pulled = await docker.pull(image);
  await new Promise((done) => docker.modem.followProgress(pulled, done));
  return docker.getImage(image).get();
}
