import { type RecordType, removeRecord } from '@cep/contracts/records';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../command.ts';
import { networkArg, recordArg, recordTypes } from '../../names.ts';

export default class DnsRemove extends CepCommand {
  static override summary = 'remove a name that was added to a network';
  static override description =
    'All of its records, unless a type or a value says which. Names of hosts and apps go when those do.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home printer',
    '<%= config.bin %> <%= command.id %> home printer --type A --value 192.168.1.20',
  ];
  static override args = { network: networkArg, name: recordArg };
  static override flags = {
    type: Flags.custom<RecordType>({
      description: 'only records of this type',
      options: recordTypes,
      parse: async (word) => word as RecordType,
    })(),
    value: Flags.string({ description: 'only the record with this value' }),
  };

  async run() {
    const { args, flags } = await this.parse(DnsRemove);
    const { network, name } = args;
    const { type, value } = flags;
    const query = { ...(type && { type }), ...(value !== undefined && { value }) };
    const reply = await this.call(removeRecord, { params: { network, record: name }, query });
    for (const removed of reply.removed) {
      this.log(`Removed ${name} ${removed.type} ${removed.value} from ${network}.`);
    }
    return reply;
  }
}
