/** A running network service on a database of its own, and people who call it. */
import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import type { Bundle } from '@cep/contracts/bundle';
import type { Caller, UserCaller } from '@cep/contracts/caller';
import type { Endpoint, Input, Reply, StreamEvent } from '@cep/contracts/endpoint';
import type { HostCaller } from '@cep/contracts/host-caller';
import * as hosts from '@cep/contracts/hosts';
import * as networks from '@cep/contracts/networks';
import { connect } from '@cep/database/pool';
import { createClient } from '@cep/http/client';
import { callerSigner } from '@cep/http/sign-caller';
import { inProcess } from '@cep/messaging/in-process';
import type { Curve } from '@cep/nebula/details';
import { generateHostKeys } from '@cep/nebula/keys';
import { testDatabase } from '@cep/testing/database';
import { eventually } from '@cep/testing/eventually';
import { compactVerify, importJWK, SignJWT } from 'jose';
import { startNetwork } from './service.ts';

export const silent = { info() {}, warn() {}, error() {} };

export function user(username: string): UserCaller {
  const projectId = randomUUID();
  const ids = { userId: randomUUID(), projectId, tokenId: randomUUID() };
  return { kind: 'user', username, role: 'user', projectName: 'home', ...ids };
}

export const stranger: Caller = { kind: 'anonymous', address: '198.51.100.9' };

/** As many requests as this are at work in the database at a time. */
const CONNECTIONS = 10;

/** Events stay in the outbox: nothing takes them. */
export async function createWorld() {
  const gateway = generateKeyPairSync('ed25519');
  const database = await testDatabase();
  await database.query('create schema network');
  const url = `${database.url}?options=-c%20search_path%3Dnetwork`;
  const config = {
    DATABASE_URL: url,
    GATEWAY_PUBLIC_KEY: gateway.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    HOST: '127.0.0.1',
    PORT: 0,
    MASTER_KEY: randomBytes(32).toString('base64'),
    AUTHORITY_DAYS: 3650,
    CERTIFICATE_DAYS: 90,
  };
  const start = (changed: Partial<typeof config> = {}) =>
    startNetwork({ ...config, ...changed }, { transport: inProcess(silent), log: silent });
  const service = await start();
  const db = connect(url, silent);
  const sign = callerSigner(gateway.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());

  /** Calls an endpoint as the gateway would for this caller. */
  async function call<E extends Endpoint>(
    caller: Caller,
    endpoint: E,
    input: Input<E>,
  ): Promise<Reply<E>> {
    const client = createClient({ url: service.url, token: await sign(caller, 'network') });
    return client.call(endpoint, input);
  }

  async function stream<E extends Endpoint>(
    caller: Caller,
    endpoint: E,
    input: Input<E>,
    signal: AbortSignal,
    url = service.url,
  ): Promise<AsyncIterable<StreamEvent<E>>> {
    const client = createClient({ url, token: await sign(caller, 'network'), signal });
    return client.stream(endpoint, input);
  }

  /** Enrols a host that was made; `caller` is whom the gateway would say that it is. */
  async function enrol(
    network: string,
    host: hosts.Host,
    code: string,
    { curve, nebulaVersion }: { curve?: Curve; nebulaVersion?: string } = {},
  ) {
    const made = machine(curve);
    const params = { network, host: host.name };
    const body = { code, ...made.sent, ...(nebulaVersion && { nebulaVersion }) };
    const reply = await call(stranger, hosts.enrolHost, { params, body });
    const bundle = await openBundle(reply);
    const caller: HostCaller = {
      ...{ kind: 'host', hostId: host.id, host: host.name },
      ...{ networkId: bundle.network.id, network },
    };
    const open = (signed: { bundle: string }) =>
      openBundle({ ...signed, bundleKey: reply.bundleKey });
    return { ...made, params, caller, bundle, open, hostId: host.id };
  }

  return {
    db,
    stream,
    enrol,
    masterKey: config.MASTER_KEY,
    call,
    start,
    /** Makes a network with these names of hosts, the first of which is a lighthouse. */
    async network(caller: Caller, name: string, ...names: string[]) {
      await call(caller, networks.createNetwork, { body: { name } });
      const made = [];
      for (const [index, host] of names.entries()) {
        const body = index === 0 ? lighthouse(host) : ordinary(host);
        made.push(await call(caller, hosts.createHost, { params: { network: name }, body }));
      }
      return made;
    },
    /** All of these requests come as far as the lock that `statement` takes, and then go on at once. */
    async race<T>(statement: string, requests: readonly (() => Promise<T>)[]) {
      const holder = await db.connect();
      await holder.query(`begin; ${statement}`);
      const outcomes = Promise.allSettled(requests.map((request) => request()));
      await eventually(async () => {
        const { rowCount } = await db.query(`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`);
        if (rowCount !== Math.min(requests.length, CONNECTIONS)) throw new Error('still coming');
      });
      await holder.query('commit');
      holder.release();
      return outcomes;
    },
    events: async () => (await db.query('select name, data from outbox order by seq')).rows,
    async clear() {
      // What the service does by itself may be in the way, and is refused one of the two locks.
      await eventually(() => db.query('truncate networks, outbox cascade').then(() => {}));
    },
    async stop() {
      await service.stop();
      await db.end();
      await database.close();
    },
  };
}

export type Enrolled = Awaited<ReturnType<World['enrol']>>;

export type World = Awaited<ReturnType<typeof createWorld>>;

export const ordinary = (name: string) => ({ name, lighthouse: false, groups: [] });

export const lighthouse = (name: string, publicAddress = '203.0.113.7') => ({
  ...{ name, publicAddress, lighthouse: true, groups: [] },
});

/** The keys of a machine, and what it sends of them. */
export function machine(curve?: Curve) {
  const keys = generateHostKeys(curve);
  const signing = generateKeyPairSync('ed25519');
  return {
    keys,
    signingKey: signing.privateKey,
    sent: {
      tunnelKey: Buffer.from(keys.publicKey).toString('base64url'),
      signingKey: signing.publicKey.export({ format: 'jwk' }).x ?? '',
    },
  };
}

/** What a host proves itself with. @param changed  claims that are other than they should be */
export function hostToken(hostId: string, key: KeyObject, changed: object = {}): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: 'host', sub: hostId, aud: 'cep', iat, exp: iat + 60, ...changed };
  return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: hostId }).sign(key);
}

type SignedBundle = Reply<typeof hosts.enrolHost>;

/** What a host does with the reply before it believes it. */
export async function openBundle(reply: SignedBundle): Promise<Bundle> {
  const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: reply.bundleKey }, 'EdDSA');
  const { payload } = await compactVerify(reply.bundle, key, { algorithms: ['EdDSA'] });
  return JSON.parse(Buffer.from(payload).toString());
}
