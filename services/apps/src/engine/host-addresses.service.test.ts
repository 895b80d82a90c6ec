import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { testDocker } from '@cep/testing/docker';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { expect, test } from '@jest/globals';
import { probedAddresses } from './host-addresses.ts';

const ip = (...args: string[]) => promisify(execFile)('ip', args);

requires('docker', 'namespaces')('a service in a container', () => {
  test('learns the overlay addresses of the machine around it, and leaves nothing there', async () => {
    const { docker } = testDocker();
    const image = 'cep-base:24';
    const pulled = await docker.pull(image);
    await new Promise((resolve) => docker.modem.followProgress(pulled, resolve));
    await ip('link', 'add', 'nebula-probed', 'type', 'veth', 'peer', 'probed0');
    await ip('link', 'set', 'probed0', 'up');

    try {
      await ip('addr', 'add', '10.199.0.7/24', 'dev', 'nebula-probed');
      await ip('link', 'set', 'nebula-probed', 'up');
      const addresses = await probedAddresses(fromRig('TEST_DOCKER_HOST'), image)();

      expect(addresses).toContain('10.199.0.7');
      expect(addresses).not.toContain('127.0.0.1');
    } finally {
      await ip('link', 'delete', 'nebula-probed');
    }
    const all = await docker.listContainers({ all: true });
    expect(all.filter((each) => each.Image === image)).toEqual([]);
  }, 60_000);
});
