import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { fromRig } from './from-rig.ts';

export interface TestDocker {
  readonly docker: Docker;
  /** Distinguishes what one test file makes: use it as a prefix of names and as {@link label}. */
  readonly namespace: string;
  /** Put on whatever is made, so that `close` finds it. */
  readonly label: Readonly<Record<string, string>>;
  /** Removes every container, network and volume that carries the label or a name with the prefix. */
  readonly close: () => Promise<void>;
}

const LABEL = 'cep.test';

/** The rig's Docker Engine, and a name space of this test file's own in it. */
export function testDocker(): TestDocker {
  const socketPath = fromRig('TEST_DOCKER_HOST').replace('unix://', '');
  const docker = new Docker({ socketPath });
  const namespace = `t${randomBytes(4).toString('hex')}`;
  return {
    docker,
    namespace,
    label: { [LABEL]: namespace },
    close: () => removeAll(docker, namespace),
  };
}

async function removeAll(docker: Docker, namespace: string): Promise<void> {
  const isOurs = (labels: Record<string, string> | undefined, ...names: string[]) =>
    labels?.[LABEL] === namespace || names.some((name) => name.startsWith(namespace));
  for (const { Id, Labels, Names } of await docker.listContainers({ all: true })) {
    const names = Names.map((name) => name.slice(1));
    if (isOurs(Labels, ...names)) await docker.getContainer(Id).remove({ force: true, v: true });
  }
  for (const { Id, Labels, Name } of await docker.listNetworks()) {
    if (isOurs(Labels, Name)) await docker.getNetwork(Id).remove();
  }
  const { Volumes } = await docker.listVolumes();
  for (const { Labels, Name } of Volumes) {
    if (isOurs(Labels, Name)) await docker.getVolume(Name).remove();
  }
}
