/**
 * Who on a network may reach whom. A policy lets in what its rules say and nothing else; a network
 * without one lets every member reach every other.
 */
import { endpoint } from './endpoint.ts';
import { event } from './event.ts';
import { closed, DNS_LABEL, DnsLabel, Id, oneOf, type Static, Timestamp, Type } from './schema.ts';

const PORT = '[1-9]\\d{0,4}';

/** Every member, the members of a group, or one host. */
export const Selector = Type.String({
  pattern: `^(any|(group|host):${DNS_LABEL})$`,
  description: 'any, group:NAME or host:NAME',
});

/** One host, or a host that is in this group and in no other. */
export const Party = Type.String({
  pattern: `^(group|host):${DNS_LABEL}$`,
  description: 'host:NAME, or group:NAME for a host that is in this group alone',
});

/** What a rule lets through. Ports are those of the host that is reached. */
export const Traffic = Type.String({
  pattern: `^(any|icmp|(tcp|udp)(:${PORT}(-${PORT})?)?)$`,
  description: 'any, icmp, tcp, udp, or with ports as in tcp:443 or udp:8000-8010',
});

/** One kind of packet. */
export const Packet = Type.String({
  pattern: `^(icmp|(tcp|udp):${PORT})$`,
  description: 'icmp, or a protocol with one port as in tcp:443',
});

const several = { minItems: 1, maxItems: 100, uniqueItems: true } as const;
const optional = { maxItems: 20, uniqueItems: true, default: [] } as const;

export const PolicyRule = closed({
  name: Type.Optional(
    Type.String({
      pattern: '^[^\\p{C}]{1,80}$',
      description: 'at most 80 characters, on one line',
    }),
  ),
  from: Type.Array(Selector, several),
  to: Type.Array(Selector, several),
  allow: Type.Array(Traffic, several),
});
export type PolicyRule = Static<typeof PolicyRule>;

/** What must be so under the rules, lest a change of them goes unnoticed. */
export const PolicyTest = closed({
  from: Party,
  to: Party,
  allow: Type.Array(Packet, optional),
  deny: Type.Array(Packet, optional),
});
export type PolicyTest = Static<typeof PolicyTest>;

export const Policy = closed({
  rules: Type.Array(PolicyRule, { maxItems: 1000 }),
  tests: Type.Array(PolicyTest, { maxItems: 500, default: [] }),
});
export type Policy = Static<typeof Policy>;

const CurrentPolicy = Type.Object({
  policy: Type.Union([Policy, Type.Null()], {
    description: 'null: every member reaches every other',
  }),
  changedAt: Type.Union([Timestamp, Type.Null()]),
  warnings: Type.Array(Type.String(), { description: 'what is allowed and is hardly meant' }),
});

const params = closed({ network: DnsLabel });

export const getPolicy = endpoint({
  method: 'get',
  path: '/v1/networks/:network/policy',
  summary: 'Show the policy of a network',
  status: 200,
  params,
  reply: CurrentPolicy,
});

export const setPolicy = endpoint({
  method: 'put',
  path: '/v1/networks/:network/policy',
  summary: 'Replace the policy of a network, if its tests pass',
  status: 200,
  params,
  body: Policy,
  reply: Type.Object({
    ...CurrentPolicy.properties,
    changedHosts: Type.Array(DnsLabel, {
      description: 'the hosts that have other rules than before',
    }),
  }),
});

export const explainPolicy = endpoint({
  method: 'post',
  path: '/v1/networks/:network/policy/explain',
  summary: 'Tell whether a packet would reach a host, and why',
  status: 200,
  params,
  body: closed({ from: Party, to: Party, packet: Packet }),
  reply: Type.Object({
    verdict: oneOf('allowed', 'denied'),
    rule: Type.Union(
      [
        Type.Object({ number: Type.Integer({ minimum: 1 }), ...PolicyRule.properties }),
        Type.Null(),
      ],
      { description: 'the first that allows it' },
    ),
    reason: Type.String({ description: 'a sentence for people' }),
  }),
});

export const PolicyChanged = event('network.policy.changed', Type.Object({ networkId: Id }));
