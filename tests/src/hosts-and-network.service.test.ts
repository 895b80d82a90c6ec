import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followBundles, renewCertificate, reportAgent } from '@cep/contracts/agents';
import type { UserCaller } from '@cep/contracts/caller';
import { createHost, enrolHost, getHost, revokeHost } from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { provision } from '@cep/database/provision';
import { type RunningGateway, startGateway } from '@cep/gateway/service';
import { createClient } from '@cep/http/client';
import type { RunningService } from '@cep/http/service';
import { callerSigner } from '@cep/http/sign-caller';
import { inProcess } from '@cep/messaging/in-process';
import { startNetwork } from '@cep/network/service';
import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';

const NOWHERE = 'http://127.0.0.1:9';
const silent = { info() {}, warn() {}, error() {} };
const alice: UserCaller = {
  ...{ kind: 'user', username: 'alice', role: 'user', projectName: 'home' },
  ...{ userId: randomUUID(), projectId: randomUUID(), tokenId: randomUUID() },
};

requires('postgres')('a host behind the gateway', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const callerKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  let database: TestDatabase;
  let network: RunningService;
  let gateway: RunningGateway;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cep-tests-'));
    database = await testDatabase();
    network = await startNetwork(
      {
        DATABASE_URL: await provision(database.url, { service: 'network', password: 'network' }),
        GATEWAY_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        ...{ HOST: '127.0.0.1', PORT: 0, AUTHORITY_DAYS: 3650, CERTIFICATE_DAYS: 90 },
        MASTER_KEY: randomBytes(32).toString('base64'),
      },
      { transport: inProcess(silent), log: silent },
    );
    gateway = await startGateway(
      {
        ...{ HOST: '127.0.0.1', PORT: 0, HTTP_PORT: 0, TLS_DIR: folder, NAMES: '' },
        ...{ CALLER_KEY: callerKey, REQUESTS_PER_MINUTE: 10_000 },
        ...{ ACCOUNTS_URL: NOWHERE, APPS_URL: NOWHERE, NETWORK_URL: network.url.href },
      },
      { log: silent },
    );
  });
  afterAll(async () => {
    await gateway.stop();
    await network.stop();
    await database.close();
    await rm(folder, { recursive: true });
  });

  const rawKey = (type: 'x25519' | 'ed25519') => {
    const pair = type === 'x25519' ? generateKeyPairSync(type) : generateKeyPairSync('ed25519');
    return { ...pair, raw: pair.publicKey.export({ format: 'jwk' }).x ?? '' };
  };
  const outside = (token?: string, signal?: AbortSignal) =>
    createClient({
      url: gateway.url,
      pinned: gateway.certificate,
      ...(token && { token }),
      ...(signal && { signal }),
    });

  test('connects, obeys, renews, and is refused from the moment that it is revoked', async () => {
    const sign = callerSigner(callerKey);
    const admin = createClient({ url: network.url, token: await sign(alice, 'network') });
    await admin.call(createNetwork, { body: { name: 'home' } });
    const { host, enrolment } = await admin.call(createHost, {
      params: { network: 'home' },
      body: { name: 'cloud', lighthouse: true, publicAddress: '203.0.113.7', groups: [] },
    });
    const params = { network: 'home', host: 'cloud' };
    const signing = rawKey('ed25519');
    await outside().call(enrolHost, {
      params,
      body: { code: enrolment.code, tunnelKey: rawKey('x25519').raw, signingKey: signing.raw },
    });
    const as = async (offset = 0, signal?: AbortSignal) => {
      const iat = Math.floor(Date.now() / 1000) + offset;
      const claims = { iss: 'host', sub: host.id, aud: 'cep', iat, exp: iat + 60 };
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', kid: host.id })
        .sign(signing.privateKey);
      return outside(token, signal);
    };

    await expect((await as(86_400)).call(getHost, { params })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const received: string[] = [];
    const events = await (await as()).stream(followBundles, { params, query: { have: 0 } });
    const ended = (async () => {
      for await (const { bundle } of events) received.push(bundle);
    })().catch((error) => error.code);
    await eventually(async () => expect(received).toHaveLength(1));
    const body = { tunnelKey: rawKey('x25519').raw };
    await expect((await as(86_400)).call(renewCertificate, { params, body })).rejects.toMatchObject(
      { code: 'wrong-clock', members: { serverTime: expect.any(String) } },
    );
    const { bundle } = await (await as()).call(renewCertificate, { params, body });
    await eventually(async () => expect(received).toHaveLength(2));
    expect(bundle.split('.')).toHaveLength(3);
    const report = { nebulaVersion: '1.11.0', agentVersion: '0.1.0', bundleVersion: 3 };
    await (await as()).call(reportAgent, {
      params,
      body: { ...report, fingerprint: 'a'.repeat(64) },
    });
    expect(await admin.call(getHost, { params })).toMatchObject({
      agent: { connected: true, nebulaVersion: '1.11.0' },
    });

    await admin.call(revokeHost, { params });

    expect(await ended).toBe('host-revoked');
    await expect((await as()).call(renewCertificate, { params, body })).rejects.toMatchObject({
      code: 'host-revoked',
    });
  });
});
