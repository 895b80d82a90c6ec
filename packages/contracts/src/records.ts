/**
 * Names on a network, as every host of it answers them by DNS: `laptop.home` is the host `laptop`,
 * `wiki.home` the app `wiki`, and what people add by hand are records.
 */
import { endpoint } from './endpoint.ts';
import { event } from './event.ts';
import { closed, DnsLabel, Id, oneOf, type Static, Type } from './schema.ts';

/** Underscores are for names such as `_acme-challenge`. */
const LABEL = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?';

export const RecordName = Type.String({
  pattern: `^(@|(\\*\\.)?${LABEL}(\\.${LABEL})*)$`,
  maxLength: 180,
  description: 'below the network: web, *.wiki; @ is the network itself',
});

export const RecordType = oneOf('A', 'AAAA', 'CNAME', 'TXT');
export type RecordType = Static<typeof RecordType>;

/** One thing that is answered. */
export const NameRecord = Type.Object({
  name: RecordName,
  type: RecordType,
  value: Type.String({ description: 'an address, a name such as web.home, or a text' }),
  ttl: Type.Integer({ minimum: 0, description: 'seconds that it may be remembered' }),
  from: oneOf('host', 'app', 'record'),
});
export type NameRecord = Static<typeof NameRecord>;

const ofNetwork = closed({ network: DnsLabel });

export const listRecords = endpoint({
  method: 'get',
  path: '/v1/networks/:network/records',
  summary: 'List the names of a network: of hosts, of apps, and those that were added',
  status: 200,
  params: ofNetwork,
  reply: Type.Object({ records: Type.Array(NameRecord) }),
});

export const addRecord = endpoint({
  method: 'post',
  path: '/v1/networks/:network/records',
  summary: 'Add a name to a network; one that is there already only gets the TTL that is given',
  status: 201,
  params: ofNetwork,
  body: closed({
    name: RecordName,
    type: RecordType,
    value: Type.String({ minLength: 1, maxLength: 1024 }),
    ttl: Type.Integer({ minimum: 1, maximum: 86_400, default: 60 }),
  }),
  reply: NameRecord,
});

export const removeRecord = endpoint({
  method: 'delete',
  path: '/v1/networks/:network/records/:record',
  summary: 'Remove what was added under a name: all of it, or one type, or one value',
  status: 200,
  params: closed({ network: DnsLabel, record: RecordName }),
  query: closed({
    type: Type.Optional(RecordType),
    value: Type.Optional(Type.String({ maxLength: 1024 })),
  }),
  reply: Type.Object({ removed: Type.Array(NameRecord) }),
});

const Changed = Type.Object({
  networkId: Id,
  name: RecordName,
  type: RecordType,
  value: Type.String(),
});

export const RecordAdded = event('network.record.added', Changed);
export const RecordRemoved = event('network.record.removed', Changed);

/** Whether an app has its name on its network: whoever was first has it. */
export const AppNamed = event(
  'network.app.named',
  Type.Object({
    appId: Id,
    networkId: Id,
    name: Type.String({ description: 'e.g. wiki.home' }),
    takenBy: Type.Union([oneOf('host', 'record', 'app'), Type.Null()], {
      description: 'who has the name; null: the app itself',
    }),
  }),
);
