import { finished } from 'node:stream/promises';
import { expect, it } from '@jest/globals';
import { testDocker } from './docker.ts';
import { fromRig } from './from-rig.ts';
import { requires } from './requires.ts';

requires('docker')('the test engine', () => {
  it('pulls from the test registry, layer by layer', async () => {
    const { docker } = testDocker();
    await docker
      .getImage('bytes:1')
      .remove({ force: true })
      .catch(() => {});
    const stream = await docker.pull('bytes:1');
    let output = '';
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
    await finished(stream);
    const events = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const downloads = events.filter((event) => event.status === 'Downloading');
    expect(downloads.length).toBeGreaterThan(0);
    expect(Math.max(...downloads.map((event) => event.progressDetail.total))).toBeGreaterThan(
      1_000_000,
    );
    expect(events.at(-1).status).toContain('Downloaded newer image');
  });

  it('does not find what the registry does not have', async () => {
    const { docker } = testDocker();
    const image = `${fromRig('TEST_REGISTRY')}/library/no-such-image:1`;
    await expect(docker.pull(image)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('forgets what a test made', async () => {
    const { docker, label, namespace, close } = testDocker();
    await docker.createNetwork({ Name: `${namespace}-net` });
    await docker.createVolume({ Name: `unprefixed-${namespace}`, Labels: label });
    await close();
    const volumes = (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
    expect(volumes).not.toContain(`unprefixed-${namespace}`);
    const names = (await docker.listNetworks()).map(({ Name }) => Name);
    expect(names).not.toContain(`${namespace}-net`);
  });
});
