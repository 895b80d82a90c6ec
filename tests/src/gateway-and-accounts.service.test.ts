import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningAccounts, startAccounts } from '@cep/accounts/service';
import { createToken, revokeToken, signIn, signOut, whoAmI } from '@cep/contracts/users';
import { provision } from '@cep/database/provision';
import { type RunningGateway, startGateway } from '@cep/gateway/service';
import { createClient } from '@cep/http/client';
import { inProcess } from '@cep/messaging/in-process';
import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const PASSWORD = 'correct horse battery';
const NOWHERE = 'http://127.0.0.1:9';

requires('postgres')('through the gateway', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const lines: unknown[] = [];
  const note = (message: string, fields?: object) => void lines.push([message, fields]);
  const log = { info: note, warn: note, error: note };
  let database: TestDatabase;
  let accounts: RunningAccounts;
  let gateway: RunningGateway;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cep-tests-'));
    database = await testDatabase();
    const transport = inProcess(log);
    transport.open();
    accounts = await startAccounts(
      {
        DATABASE_URL: await provision(database.url, { service: 'accounts', password: 'accounts' }),
        GATEWAY_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        HOST: '127.0.0.1',
        PORT: 0,
        FIRST_ADMIN_PASSWORD: PASSWORD,
      },
      { transport, log },
    );
    gateway = await startGateway(
      {
        HOST: '127.0.0.1',
        PORT: 0,
        HTTP_PORT: 0,
        TLS_DIR: folder,
        NAMES: '',
        CALLER_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        ACCOUNTS_URL: accounts.url.href,
        APPS_URL: NOWHERE,
        NETWORK_URL: NOWHERE,
        REQUESTS_PER_MINUTE: 10_000,
      },
      { log },
    );
  });
  afterAll(async () => {
    await gateway.stop();
    await accounts.stop();
    await database.close();
    await rm(folder, { recursive: true });
  });

  const as = (token?: string, project?: string) =>
    createClient({
      url: gateway.url,
      pinned: gateway.certificate,
      ...(token && { token }),
      ...(project && { project }),
    });
  const signedIn = async () =>
    (await as().call(signIn, { body: { username: 'admin', password: PASSWORD } })).secret;

  test('people sign in, see who they are, and sign out', async () => {
    const secret = await signedIn();

    expect(await as(secret).call(whoAmI, {})).toMatchObject({
      user: { username: 'admin', role: 'admin' },
      project: { name: 'home' },
    });
    await as(secret).call(signOut, {});
    await expect(as(secret).call(whoAmI, {})).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  test('a revoked token is refused by the very next request', async () => {
    const session = await signedIn();
    const { secret } = await as(session).call(createToken, { body: { name: 'laptop' } });
    await as(secret).call(whoAmI, {});

    await as(session).call(revokeToken, { params: { token: 'laptop' } });

    await expect(as(secret).call(whoAmI, {})).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  test('a project that is not theirs is refused by name', async () => {
    const secret = await signedIn();

    expect(await as(secret, 'home').call(whoAmI, {})).toMatchObject({ project: { name: 'home' } });
    await expect(as(secret, 'moon').call(whoAmI, {})).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('moon'),
    });
  });

  test('tries of passwords are limited, and the answer says how long', async () => {
    const guess = () => as().call(signIn, { body: { username: 'nobody', password: 'guess' } });
    const codes: unknown[] = [];
    for (let n = 0; n < 11; n++) codes.push(await guess().catch(({ code }) => code));

    expect(codes.filter((code) => code === 'wrong-credentials')).toHaveLength(10);
    await expect(guess()).rejects.toMatchObject({
      code: 'too-many-requests',
      members: { retryAfterSeconds: expect.any(Number) },
    });
  });

  test('no secret is in any log', async () => {
    const secret = await signedIn();
    await as(secret).call(whoAmI, {});
    await as('cep_wrong')
      .call(whoAmI, {})
      .catch(() => {});

    const text = JSON.stringify(lines);
    expect(text).toContain('/v1/sessions/current');
    expect(text).not.toContain('cep_');
    expect(text).not.toContain(PASSWORD);
  });
});
