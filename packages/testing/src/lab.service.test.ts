import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createLab, type Lab } from './lab.ts';
import { requires } from './requires.ts';

requires('namespaces')('a lab', () => {
  let lab: Lab<'alpha' | 'beta'>;

  beforeEach(async () => {
    lab = await createLab({ hosts: ['alpha', 'beta'] });
  });

  afterEach(() => lab.close());

  it('joins its hosts, and leads nowhere else', async () => {
    const { alpha, beta } = lab.hosts;
    const reached = await alpha.exec('ping', ['-c1', '-W2', beta.address]);
    expect(reached).toMatchObject({ code: 0, stdout: expect.stringContaining(' 0% packet loss') });
    const outside = await alpha.exec('ping', ['-c1', '-W1', '192.0.2.1']);
    expect(outside).toMatchObject({ code: 2, stderr: expect.stringContaining('unreachable') });
  });

  it('lets its hosts reach a server of the test', async () => {
    const server = createServer((_, response) => response.end('here')).listen(0, lab.gateway);
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const url = `http://${lab.gateway}:${port}`;
    const script = `process.stdout.write(await (await fetch('${url}')).text())`;
    const args = ['--input-type=module', '-e', script];
    const answer = await lab.hosts.alpha.exec(process.execPath, args);
    expect(answer).toEqual({ code: 0, stdout: 'here', stderr: '' });
    server.close();
  });

  it('ends what was started in it', async () => {
    const child = lab.hosts.alpha.spawn('sleep', ['60']);
    await lab.close();
    expect(child.signalCode).toBe('SIGKILL');
  });
});
