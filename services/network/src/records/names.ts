/** Who is called what on a network. Whoever gives or takes a name holds the network's lock. */
import { Problem } from '@cep/contracts/problems';
import { AppNamed } from '@cep/contracts/records';
import type { Tx } from '@cep/database/transaction';
import { publish } from '@cep/messaging/outbox';
import { touchNetwork } from '../bundles/bundles.ts';
import { hasHost } from '../hosts/store.ts';
import * as store from './store.ts';

type Holder = 'host' | store.OtherHolder;

interface NetworkOfNames {
  readonly id: string;
  readonly name: string;
}

/** @throws {Problem} `name-taken`, naming who has it */
export async function refuseTaken(
  tx: Tx,
  network: NetworkOfNames,
  name: string,
  holders: readonly Holder[],
): Promise<void> {
  const mayBeHost = holders.includes('host');
  const holder = await (mayBeHost ? findHolder : store.findHolder)(tx, network.id, name);
  if (holder === undefined || !holders.includes(holder)) return;
  const what = { host: 'a host', app: 'an app', record: 'a record' }[holder];
  const way = holder === 'record' ? `, or remove it: cep dns remove ${network.name} ${name}` : '';
  throw new Problem(
    'name-taken',
    `${name}.${network.name} is the name of ${what} already. Choose another name${way}.`,
  );
}

/** Nothing for a name that is free. That of a revoked host is not. */
async function findHolder(tx: Tx, networkId: string, name: string): Promise<Holder | undefined> {
  if (await hasHost(tx, networkId, name)) return 'host';
  return store.findHolder(tx, networkId, name);
}

/** To be called after a name was given up: the app that was refused it first has it now. */
export async function passOn(tx: Tx, network: NetworkOfNames, name: string): Promise<void> {
  const waiting = await store.findRefused(tx, network.id, name);
  if (waiting) await nameApp(tx, network, waiting);
}

/** Gives an app its name if that is free; says so either way. */
export async function nameApp(
  tx: Tx,
  network: NetworkOfNames,
  app: Omit<store.AppNameRow, 'state'>,
): Promise<void> {
  const before = await store.findAppName(tx, app.appId);
  const had = before?.state === 'named' && before.networkId === network.id;
  const takenBy = had ? null : ((await findHolder(tx, network.id, app.name)) ?? null);
  await store.putAppName(tx, { ...app, state: takenBy === null ? 'named' : 'refused' });
  if (takenBy === null) await touchNetwork(tx, network.id);
  const { appId, networkId } = app;
  const name = `${app.name}.${network.name}`;
  await publish(tx, AppNamed, { appId, networkId, name, takenBy });
}
