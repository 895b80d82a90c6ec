/** A world beside which another machine has a Docker of its own, reached by TLS. */
import type { App } from '@cep/contracts/apps';
import * as contract from '@cep/contracts/engines';
import { execute } from '@cep/contracts/executions';
import { createAuthority } from '@cep/testing/certificates';
import { eventually } from '@cep/testing/eventually';
import { createLab } from '@cep/testing/lab';
import { startRemoteDocker } from '@cep/testing/remote-docker';
import { expect } from '@jest/globals';
import { createWorld, storeOf, user } from '../apps.fixture.ts';

/** What the app `wiki` publishes. */
export const PORT = 18_640;

const store = storeOf({
  wiki: `services:
  web:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; echo up; sleep 1000 & wait"]
    restart: unless-stopped
    volumes: ["data:/data"]
    ports: ["${PORT}:80"]
volumes: { data: }
`,
});

export async function createBarn() {
  const lab = await createLab({ hosts: ['barn'] });
  const { address } = lab.hosts.barn;
  const authority = await createAuthority();
  const client = await authority.issue({ for: 'client' });
  const barn = await startRemoteDocker({
    host: lab.hosts.barn,
    ca: authority.certificate,
    // 127.0.0.1: also through a proxy.
    identity: await authority.issue({ for: 'server', names: [address, '127.0.0.1'] }),
    images: ['busybox:1', 'restic/restic:0.18.1'],
  });
  const world = await createWorld({ store });
  const ada = { ...user(), role: 'admin' as const };

  type Body = Parameters<typeof world.call<typeof contract.putEngine>>[2]['body'];
  const show = (engine: string) => world.call(ada, contract.getEngine, { params: { engine } });
  return {
    world,
    barn,
    address,
    client,
    ada,
    show,
    put: (name: string, given: Partial<Body> = {}) =>
      world.call(ada, contract.putEngine, {
        params: { engine: name },
        body: { url: barn.url, ca: authority.certificate, replaced: false, ...client, ...given },
      }),
    becomes: (name: string, state: contract.Engine['state']) =>
      eventually(async () => expect((await show(name)).state).toBe(state), { within: 40_000 }),
    /** @returns what a program prints in an app */
    async run(app: string, ...command: string[]): Promise<string> {
      const input = { params: { app }, body: { command, input: false } };
      const told: string[] = [];
      for await (const { data } of await (await world.client(ada)).stream(execute, input)) {
        if (data) told.push(Buffer.from(data, 'base64').toString());
      }
      return told.join('').trim();
    },
    /** The app `wiki`, under a name of its own. */
    async deploy(name: App['name'], on: { engine?: string; network?: string } = {}) {
      const { operation } = await world.deploy(ada, { template: 'wiki', name, ...on });
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
    },
    async destroy(app: string, volumes: boolean) {
      await world.end(ada, (await world.destroy(ada, app, volumes)).operation);
    },
    async close() {
      await world.close();
      await barn.close();
      await lab.close();
    },
  };
}

export type Barn = Awaited<ReturnType<typeof createBarn>>;
