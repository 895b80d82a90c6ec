import { getNetwork } from '@cep/contracts/networks';
import { CepCommand } from '../../command.ts';
import { networkArg } from '../../names.ts';
import { card } from '../../table.ts';

export default class NetworkShow extends CepCommand {
  static override summary = 'show one network';
  static override description = 'Its range, its hosts and its certificate authority.';
  static override examples = ['<%= config.bin %> <%= command.id %> home'];
  static override args = { network: networkArg };

  async run() {
    const { args } = await this.parse(NetworkShow);
    const network = await this.call(getNetwork, { params: args });
    this.log(
      card({
        Name: network.name,
        Range: network.cidr,
        'IPv6 range': network.cidr6,
        Certificates: `version ${network.certificateVersion}, ${network.curve === 'p256' ? 'P-256' : 'Curve25519'}`,
        Hosts: String(network.hosts),
        Authority: network.authority.fingerprint,
        'Authority expires': network.authority.expiresAt,
        Created: network.createdAt,
      }),
    );
    return network;
  }
}
