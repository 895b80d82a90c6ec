import type { Policy } from '@cep/contracts/policies';
import { eventually } from '@cep/testing/eventually';
import { nebulaVersions } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compiler, type HostRules } from './compile.ts';
import { explainer } from './explain.ts';
import { createOverlay, hasIpv6, type OverlayHost } from './overlay.fixture.ts';
import { PORTS, somePacket, somePolicy } from './policies.fixture.ts';
import { readPacket } from './traffic.ts';

/** Packets for each policy, and how many are tried of each kind. */
const PACKETS = 20;
const TRIALS = Number(process.env.TEST_POLICY_TRIALS ?? 80);
const GROUPS = [['family'], ['servers', 'admin'], ['guests'], [], ['family', 'servers'], ['admin']];

/** Two of each version. */
const hosts: OverlayHost[] = GROUPS.map((groups, at) => ({
  ...{ name: `host-${at}`, groups, version: nebulaVersions[at % nebulaVersions.length] ?? '1.6' },
}));

interface Question {
  readonly from: OverlayHost;
  readonly to: OverlayHost;
  readonly packet: string;
  readonly family: 4 | 6;
}

/** Often of the two that have IPv6. */
const somePair = fc.oneof(
  fc.shuffledSubarray(hosts, { minLength: 2, maxLength: 2 }),
  fc.shuffledSubarray(hosts.filter(hasIpv6), { minLength: 2, maxLength: 2 }),
);

/**
 * Pings go one way between any two hosts: nebula takes a ping for the answer to one that went the
 * other way before, whatever the rules.
 */
const question = fc
  .record({ pair: somePair, packet: somePacket, prefersIpv6: fc.boolean() })
  .map(({ pair, packet, prefersIpv6 }) => {
    const [from, to] =
      packet === 'icmp' ? pair.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : pair;
    if (!from || !to) throw new Error('two hosts were asked for');
    const family = prefersIpv6 && hasIpv6(from) && hasIpv6(to) ? 6 : 4;
    return { from, to, packet, family } satisfies Question;
  });
const round = fc.record({
  policy: somePolicy(hosts),
  questions: fc.array(question, { minLength: PACKETS, maxLength: PACKETS }),
});

/** Who enforces the policy: each end alone does it as both do. */
const ENDS = {
  both: (rules: HostRules) => rules,
  callee: ({ inbound }: HostRules) => ({ inbound }),
  caller: ({ outbound }: HostRules) => ({ outbound }),
};
type End = keyof typeof ENDS;
const ends = Object.keys(ENDS) as End[];
const open = compiler(null);

requires('nebula', 'namespaces')('real nebula', () => {
  let overlay: Awaited<ReturnType<typeof createOverlay>>;
  beforeEach(async () => {
    overlay = await createOverlay(hosts, PORTS);
  }, 30_000);
  afterEach(() => overlay.close());

  async function arrives(questions: readonly Question[]): Promise<boolean[]> {
    const answers = new Map<Question, boolean>();
    await Promise.all(
      hosts.map(async (from) => {
        const asked = questions.filter((each) => each.from === from);
        const packets = asked.map(({ packet, ...way }) => ({ ...way, ...readPacket(packet) }));
        const arrived = await overlay.probe(from, packets);
        for (const [at, each] of asked.entries()) answers.set(each, arrived[at] ?? false);
      }),
    );
    return questions.map((each) => answers.get(each) ?? false);
  }

  const everyPair = (packet: string): Question[] =>
    hosts.flatMap((from) =>
      hosts
        .filter((to) => to !== from)
        .flatMap((to) => {
          const families = hasIpv6(from) && hasIpv6(to) ? ([4, 6] as const) : ([4] as const);
          return families.map((family) => ({ from, to, packet, family }));
        }),
    );

  /** The policy is in force where a port is open that only it opens. */
  async function enforce(policy: Policy, end: End, mark: number): Promise<void> {
    const marked = { from: ['any'], to: ['any'], allow: [`tcp:${mark}`] };
    const compile = compiler({ ...policy, rules: [...policy.rules, marked] });
    overlay.load((host) => ({ ...open(host), ...ENDS[end](compile(host)) }));
    await eventually(
      async () => expect(await arrives(everyPair(`tcp:${mark}`))).not.toContain(false),
      { within: 20_000 },
    );
  }

  test.each(ends)(
    `of 1.6, 1.9 and 1.11 agrees with explain about ${TRIALS} packets under random policies: %s`,
    async (end) => {
      const rounds = fc.sample(round, Math.ceil(TRIALS / PACKETS));
      let allowed = 0;
      for (const [at, { policy, questions }] of rounds.entries()) {
        await enforce(policy, end, 20_000 + at);
        const expected = questions.map((each) => explainer(policy, each)(each.packet).allowed);
        const arrived = await arrives(questions);
        // A busy machine may lose a packet: what should arrive may try again.
        const lost = questions.filter((_, place) => expected[place] && !arrived[place]);
        const again = new Map((await arrives(lost)).map((each, place) => [lost[place], each]));
        const wrong = questions.filter(
          (each, place) => (again.get(each) ?? arrived[place]) !== expected[place],
        );
        expect({ policy, wrong }).toEqual({ policy, wrong: [] });
        allowed += expected.filter(Boolean).length;
      }
      expect(allowed).toBeGreaterThan(TRIALS / 20);
      expect(allowed).toBeLessThan((TRIALS * 19) / 20);
    },
    30_000 + TRIALS * 500,
  );
});
