/** What can be done with names. A change is one transaction, and states what it changed. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import * as contract from '@cep/contracts/records';
import { type Tx, transaction } from '@cep/database/transaction';
import { networkZone } from '@cep/dns/network-names';
import { buildZones } from '@cep/dns/zone';
import { publish } from '@cep/messaging/outbox';
import { touchNetwork } from '../bundles/bundles.ts';
import type { Deps } from '../deps.ts';
import { findHostNames, type NamedAddresses } from '../hosts/store.ts';
import { getNetwork, lockNetwork, type NetworkRow } from '../networks/store.ts';
import { passOn, refuseTaken } from './names.ts';
import { networkNames } from './network-names.ts';
import * as store from './store.ts';
import { checkValue } from './values.ts';

/** Every host of the network carries them all. */
const MOST_RECORDS = 1_000;

/** What hosts and apps are answered with. */
const OWN_TTL = 60;

/** By name. */
export async function listRecords(
  { db }: Deps,
  { params }: Input<typeof contract.listRecords>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listRecords>> {
  const network = await getNetwork(db, projectId, params.network);
  const own = (from: 'host' | 'app') => (each: NamedAddresses) =>
    each.addresses.map((value) => ({
      ...{ name: each.name, value, ttl: OWN_TTL, from },
      type: typeOf(value),
    }));
  const records = [
    ...(await findHostNames(db, network)).flatMap(own('host')),
    ...(await store.findAppNames(db, network.id)).flatMap(own('app')),
    ...(await store.findRecords(db, network.id)).map(added),
  ];
  return {
    records: records.toSorted((one, two) =>
      one.name < two.name ? -1 : Number(one.name > two.name),
    ),
  };
}

const typeOf = (address: string): 'A' | 'AAAA' => (address.includes(':') ? 'AAAA' : 'A');

const added = (row: store.RecordRow): contract.NameRecord => ({ ...row, from: 'record' });

/** @throws {Problem} `name-taken` for the name of a host or an app, `too-many-records` */
export async function addRecord(
  { db }: Deps,
  { params, body }: Input<typeof contract.addRecord>,
  { projectId }: UserCaller,
): Promise<contract.NameRecord> {
  return transaction(db, async (tx) => {
    const network = await lockNetwork(tx, projectId, params.network);
    const record = checkValue(body, network.name);
    if (record.type !== 'TXT') await refuseTaken(tx, network, record.name, ['host', 'app']);
    await store.putRecord(tx, network.id, record);
    await checkZone(tx, network);
    await touchNetwork(tx, network.id);
    await publish(tx, contract.RecordAdded, eventOf(network, record));
    return added(record);
  });
}

/** Whether the network as a whole can still be answered for. */
async function checkZone(tx: Tx, network: NetworkRow): Promise<void> {
  const names = await networkNames(tx, network);
  if (names.records.length > MOST_RECORDS)
    throw new Problem(
      'too-many-records',
      `The network "${network.name}" has ${MOST_RECORDS} records, which is the most it can have: remove some first.`,
    );
  buildZones([networkZone({ name: network.name, ranges: rangesOf(network) }, names)]);
}

/** @throws {Problem} `not-found` when nothing of it was added; names of hosts and apps go with them */
export async function removeRecord(
  { db }: Deps,
  { params, query }: Input<typeof contract.removeRecord>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.removeRecord>> {
  return transaction(db, async (tx) => {
    const network = await lockNetwork(tx, projectId, params.network);
    const name = params.record;
    const removed = await store.deleteRecords(tx, network.id, { name, ...query });
    if (removed.length === 0) throw noSuchRecord(network, name);
    for (const record of removed) {
      await publish(tx, contract.RecordRemoved, eventOf(network, record));
    }
    await touchNetwork(tx, network.id);
    await passOn(tx, network, name);
    return { removed: removed.map(added) };
  });
}

const noSuchRecord = (network: NetworkRow, name: string) =>
  new Problem(
    'not-found',
    `No such record "${name}" was added to the network "${network.name}". See "cep dns list ${network.name}".`,
  );

const eventOf = ({ id }: NetworkRow, { name, type, value }: store.RecordRow) => ({
  ...{ networkId: id, name, type, value },
});

const rangesOf = ({ cidr, cidr6 }: NetworkRow): string[] =>
  cidr6 === null ? [cidr] : [cidr, cidr6];
