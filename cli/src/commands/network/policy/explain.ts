import { explainPolicy } from '@cep/contracts/policies';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../../command.ts';
import { networkArg } from '../../../names.ts';
import { readQuestion } from '../../../policy-question.ts';

export default class NetworkPolicyExplain extends CepCommand {
  static override summary = 'tell whether one host may reach another, and why';
  static override description =
    'Answers as the nebula of the host that is reached does. In place of a host, group:NAME means one that is in this group alone.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home laptop nas:443',
    '<%= config.bin %> <%= command.id %> home group:guests nas:53 --protocol udp',
    '<%= config.bin %> <%= command.id %> home laptop nas --protocol icmp',
  ];
  static override args = {
    network: networkArg,
    from: Args.string({ description: 'who asks', required: true }),
    to: Args.string({ description: 'who is asked, and its port, as in nas:443', required: true }),
  };
  static override flags = {
    protocol: Flags.option({
      description: 'what is sent; icmp is ping, and has no port',
      options: ['tcp', 'udp', 'icmp'] as const,
      default: 'tcp',
    })(),
  };

  async run() {
    const { args, flags } = await this.parse(NetworkPolicyExplain);
    const body = readQuestion({ ...args, protocol: flags.protocol });
    const answer = await this.call(explainPolicy, { params: { network: args.network }, body });
    const verb = answer.verdict === 'allowed' ? 'may' : 'may not';
    this.log(`${nameOf(body.from)} ${verb} reach ${nameOf(body.to)} with ${body.packet}.`);
    this.log(answer.reason);
    return answer;
  }
}

const nameOf = (party: string) => party.replace(/^host:/, '');
