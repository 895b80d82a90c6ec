import type { Policy } from '@cep/contracts/policies';
import { affectedHosts, compiler } from '@cep/network/policies/compile';
import { type Bench, type Measurement, median } from './bench.ts';

const HOSTS = 1_000;
const RULES = 500;
const GROUPS = 60;
const ROUNDS = 15;

/**
 * The rules of every host under a large policy, compiled from nothing, and the hosts that a change of
 * one rule touches, which are compiled twice for that. Hardly two hosts are in the same groups.
 */
export const bench: Bench = {
  async run() {
    const policy = makePolicy();
    const changed: Policy = {
      ...policy,
      rules: policy.rules.map((rule, at) => (at === 0 ? { ...rule, allow: ['tcp:9999'] } : rule)),
    };
    const work = () => {
      const compile = compiler(policy);
      return hosts
        .map(compile)
        .reduce((total, { inbound, outbound }) => total + inbound.length + outbound.length, 0);
    };
    const rules = work();
    const compiled = median(Array.from({ length: ROUNDS }, () => milliseconds(work)));
    const compared = median(
      Array.from({ length: ROUNDS }, () =>
        milliseconds(() => affectedHosts(policy, changed, hosts)),
      ),
    );
    return [
      measurement('policy: 1,000 hosts, 500 rules, compiled', compiled),
      measurement('policy: hosts that a change touches, found', compared),
      { name: 'policy: rules compiled', value: rules, unit: 'rules' },
    ];
  },
};

const measurement = (name: string, value: number): Measurement => ({
  ...{ name, value: Math.round(value), unit: 'ms', bound: { atMost: 300 } },
});

const hosts = Array.from({ length: HOSTS }, (_, at) => ({
  name: `host-${at}`,
  groups: [at, at * 7 + 1, at * at + 2, Math.floor(at / 7)].map(groupOf),
}));

function groupOf(number: number): string {
  return `group-${number % GROUPS}`;
}

function makePolicy(): Policy {
  const rules = Array.from({ length: RULES }, (_, at) => ({
    name: `rule ${at}`,
    from: [`group:${groupOf(at)}`, `group:${groupOf(at * 3 + 1)}`, `host:host-${at}`],
    to: [`group:${groupOf(at * 11 + 3)}`, `host:host-${at * 2}`],
    allow: [`tcp:${1000 + at}`, `udp:${2000 + at}-${2010 + at}`, 'icmp'],
  }));
  return { rules, tests: [] };
}

function milliseconds(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
