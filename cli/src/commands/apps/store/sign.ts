import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../../command.ts';
import { signStore } from '../../../stores/sign.ts';

export default class AppsStoreSign extends CepCommand {
  static override summary = 'sign the templates of an app store of yours';
  static override description =
    'Writes index.json and index.json.sig into the folder of the store; do so after every change. Whoever adds the store with the key that is shown takes only what you have signed, and nothing older than what was seen. Needs no server.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./apps --key ~/store.pem',
    '<%= config.bin %> <%= command.id %> ./apps --key ~/store.pem --json',
  ];
  static override args = {
    folder: Args.string({ description: 'folder of the store', required: true }),
  };
  static override flags = {
    key: Flags.string({
      description: 'file with the private key, outside the store; made where there is none',
      helpValue: 'FILE',
      required: true,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AppsStoreSign);
    const signed = await signStore(args.folder, flags.key);
    this.log(
      `Index ${signed.serial} lists ${signed.files} files. Who adds the store gives its key:\n  cep apps store add NAME LOCATION --key ${signed.key}`,
    );
    return signed;
  }
}
