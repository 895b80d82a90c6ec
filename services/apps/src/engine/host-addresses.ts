/** The IPv4 addresses that the machine which the engine runs on has on overlays. */
import { hostname, networkInterfaces } from 'node:os';
import Docker from 'dockerode';
import { toOptions } from './connection.ts';

export type HostAddresses = () => Promise<readonly string[]>;

/** As this process sees them. */
export const ownAddresses: HostAddresses = async () => addressesIn(networkInterfaces());

/** How every interface begins that the agent makes. */
const OVERLAY = /^nebula/;

/**
 * Of overlays alone: whoever may make a network may give it the range of the machine's LAN, and a
 * host the machine's own address there. An app on that network would be open to all of the LAN.
 */
export const addressesIn = (interfaces: ReturnType<typeof networkInterfaces>): string[] =>
  Object.entries(interfaces)
    .filter(([name]) => OVERLAY.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address);

const SCRIPT = 'process.stdout.write(JSON.stringify(os.networkInterfaces()))';

/** How long an answer is believed, milliseconds. */
const FRESH_MS = 5_000;

/**
 * For a service that itself runs in a container: asks a container of its own image that has the
 * machine's network, and nothing else.
 *
 * @param image  with Node in it; that of the container this process runs in when left out
 */
export function probedAddresses(host: string, image?: string): HostAddresses {
  const docker = new Docker(toOptions(host));
  let asked: Promise<string[]> | undefined;
  let askedAt = 0;
  return () => {
    if (!asked || Date.now() - askedAt > FRESH_MS) {
      askedAt = Date.now();
      asked = probe(docker, image);
      asked.catch(() => {
        asked = undefined;
      });
    }
    return asked;
  };
}

async function probe(docker: Docker, image?: string): Promise<string[]> {
  const container = await docker.createContainer({
    Image: image ?? (await docker.getContainer(hostname()).inspect()).Image,
    Entrypoint: ['node', '-e', SCRIPT],
    Cmd: [],
    User: '65534:65534',
    HostConfig: {
      NetworkMode: 'host',
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      ReadonlyRootfs: true,
      PidsLimit: 64,
    },
  });
  try {
    const output = await container.attach({ stream: true, stdout: true, stderr: false });
    await container.start();
    const frames: Buffer[] = [];
    for await (const chunk of output) frames.push(Buffer.from(chunk));
    return addressesIn(JSON.parse(unframed(Buffer.concat(frames))));
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/** The payload of frames as `logs/frames.ts` describes them. */
function unframed(frames: Buffer): string {
  let text = '';
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    text += frames.toString('utf8', at + 8, end);
    at = end;
  }
  return text;
}
