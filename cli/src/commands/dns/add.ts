import { addRecord, type RecordType } from '@cep/contracts/records';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../command.ts';
import { networkArg, recordArg, recordTypes } from '../../names.ts';

export default class DnsAdd extends CepCommand {
  static override summary = 'add a name to a network';
  static override description =
    'Every host of the network answers it from then on. Several values of one name are several records. Names of hosts and apps cannot be added to, but with a text.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home printer A 192.168.1.20',
    '<%= config.bin %> <%= command.id %> home www CNAME wiki.home',
    '<%= config.bin %> <%= command.id %> home "*.wiki" CNAME wiki.home --ttl 3600',
    '<%= config.bin %> <%= command.id %> home @ TXT "kept by Ada"',
  ];
  static override args = {
    network: networkArg,
    name: recordArg,
    type: Args.custom<RecordType>({
      description: 'what it leads to: an address (A, AAAA), a name of the network, or a text',
      options: recordTypes,
      parse: async (word) => word as RecordType,
    })({ required: true }),
    value: Args.string({ description: 'where it leads, or what it says', required: true }),
  };
  static override flags = {
    ttl: Flags.integer({
      description: 'seconds that others may remember it',
      min: 1,
      max: 86_400,
      default: 60,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(DnsAdd);
    const { network, name, type, value } = args;
    const body = { name, type, value, ttl: flags.ttl };
    const record = await this.call(addRecord, { params: { network }, body });
    const domain = name === '@' ? network : `${name}.${network}`;
    this.log(`${domain} ${record.type} ${record.value}: every host of ${network} answers it now.`);
    return record;
  }
}
