import { getPolicy } from '@cep/contracts/policies';
import { CepCommand } from '../../../command.ts';
import { networkArg } from '../../../names.ts';
import { warn, writePolicy } from '../../../policy-file.ts';

export default class NetworkPolicyShow extends CepCommand {
  static override summary = 'show who may reach whom on a network';
  static override description =
    'Prints the policy as YAML, as "cep network policy set" takes it. Comments of the file that was set are not kept.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home',
    '<%= config.bin %> <%= command.id %> home > policy.yaml',
  ];
  static override args = { network: networkArg };

  async run() {
    const { args } = await this.parse(NetworkPolicyShow);
    const reply = await this.call(getPolicy, { params: args });
    if (reply.policy) this.log(writePolicy(reply.policy).trimEnd());
    else this.log(`# The network ${args.network} has no policy: every host may reach every other.`);
    if (!this.jsonEnabled()) warn(reply.warnings);
    return reply;
  }
}
