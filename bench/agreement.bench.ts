import { compare, specimens, weAccept } from '@cep/nebula/agreement.fixture';
import { nebulaPrograms } from '@cep/testing/nebula';
import type { Bench } from './bench.ts';

const COUNT = 10_000;
const SEED = 20_000;

/** How often `nebula-cert verify` and we disagree about a certificate that may be good or broken. */
export const bench: Bench = {
  missing: () =>
    process.env.TEST_NEBULA_1_11 ? undefined : 'keep the rig running, see npm run rig.',
  async run() {
    const drawn = specimens(SEED, COUNT);
    const old = drawn.filter(({ isOld }) => isOld);
    const recent = await compare(nebulaPrograms('1.11').nebulaCert, drawn);
    const first = await compare(nebulaPrograms('1.6').nebulaCert, old);
    const accepted = drawn.filter(weAccept).length;
    const peer = `nebula-cert verify 1.11: ${COUNT}, of which we accept ${accepted}; 1.6: ${old.length}`;
    return [
      {
        ...{ name: 'agreement: certificates judged otherwise', unit: 'certificates', peer },
        ...{ value: recent.disagreed.length + first.disagreed.length, bound: { atMost: 0 } },
      },
      {
        name: 'agreement: good ones in a spelling of their own, which we refuse',
        ...{ value: recent.respelled + first.respelled, unit: 'certificates', peer },
      },
    ];
  },
};
