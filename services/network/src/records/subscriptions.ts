/** Apps come and go, as the apps service states it; on a network they have names. */
import { AppDestroyed, AppRunning } from '@cep/contracts/apps';
import type { Tx } from '@cep/database/transaction';
import type { Subscription } from '@cep/messaging/inbox';
import { touchNetwork } from '../bundles/bundles.ts';
import { lockNetworkById } from '../networks/store.ts';
import { nameApp, passOn } from './names.ts';
import * as store from './store.ts';

// Each event has a queue of its own, so that an app's end may come before its beginning.

const giveName: Subscription<typeof AppRunning> = {
  queue: 'network.name-app',
  event: AppRunning,
  async handle(tx, { appId, networkId, name, address, at }) {
    const network = networkId === null ? undefined : await lockNetworkById(tx, networkId);
    if (network === undefined) return;
    const when = timeOf(at);
    if (await isPast(tx, appId, when)) return;
    await nameApp(tx, network, { appId, networkId: network.id, name, address, at: when });
  },
};

const takeName: Subscription<typeof AppDestroyed> = {
  queue: 'network.unname-app',
  event: AppDestroyed,
  async handle(tx, { appId, networkId, name, at }) {
    const known = await store.findAppName(tx, appId);
    const id = networkId ?? known?.networkId;
    const network = id === undefined ? undefined : await lockNetworkById(tx, id);
    if (network === undefined) return;
    const when = timeOf(at);
    if (await isPast(tx, appId, when)) return;
    const before = await store.findAppName(tx, appId);
    const gone = { appId, networkId: network.id, name, address: null, at: when };
    await store.putAppName(tx, { ...gone, state: 'gone' });
    if (before?.state !== 'named') return;
    await touchNetwork(tx, network.id);
    await passOn(tx, network, name);
  },
};

const timeOf = (at: string | undefined): Date => (at === undefined ? new Date() : new Date(at));

/** Whether something that happened later is known already. */
const isPast = async (tx: Tx, appId: string, at: Date): Promise<boolean> => {
  const known = await store.findAppName(tx, appId);
  return known !== undefined && known.at > at;
};

export const appNames = [giveName, takeName] as Subscription[];
