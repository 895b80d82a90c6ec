import { setPolicy } from '@cep/contracts/policies';
import * as Args from '@oclif/core/args';
import { CepCommand } from '../../../command.ts';
import { networkArg } from '../../../names.ts';
import { readPolicy, warn } from '../../../policy-file.ts';

/** Of so many hosts the names are shown. */
const SHOWN = 10;

export default class NetworkPolicySet extends CepCommand {
  static override summary = 'say who may reach whom on a network';
  static override description =
    'Replaces the policy by the one in a file, YAML or JSON. From then on hosts reach each other only as its rules allow. It is taken only if the tests in it pass.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home policy.yaml',
    '<%= config.bin %> network policy show home | sed s/tcp:80/tcp:443/ | <%= config.bin %> <%= command.id %> home -',
  ];
  static override args = {
    network: networkArg,
    file: Args.string({ description: 'the policy; - reads standard input', required: true }),
  };

  async run() {
    const { args } = await this.parse(NetworkPolicySet);
    const { network } = args;
    const body = await readPolicy(args.file);
    const reply = await this.call(setPolicy, { params: { network }, body });
    const { rules, tests } = body;
    const passed = tests.length > 0 ? ` ${count(tests, 'test')} passed.` : '';
    this.log(`The policy of ${network} has ${count(rules, 'rule')} now.${passed}`);
    this.log(describeHosts(reply.changedHosts));
    if (!this.jsonEnabled()) warn(reply.warnings);
    return reply;
  }
}

const count = (things: readonly unknown[], what: string) =>
  `${things.length} ${what}${things.length === 1 ? '' : 's'}`;

function describeHosts(names: readonly string[]): string {
  if (names.length === 0) return 'No host has other rules than before.';
  const shown = names.length > SHOWN ? count(names, 'host') : names.join(', ');
  return `Other rules than before: ${shown}.`;
}
