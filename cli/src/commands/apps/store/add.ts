import { addStore } from '@cep/contracts/templates';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../../command.ts';
import { warn } from '../../../policy-file.ts';
import { printable } from '../../../printable.ts';

export default class AppsStoreAdd extends CepCommand {
  static override summary = 'add an app store: a git repository, or a folder of the server';
  static override description =
    'For administrators. Everybody may deploy from it then. With --key only what the index of the store signs is taken. Apps that run do not change when the store does.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> team https://git.example.com/team/apps.git',
    '<%= config.bin %> <%= command.id %> team https://git.example.com/team/apps.git --key KEY',
    '<%= config.bin %> <%= command.id %> mine /srv/apps',
  ];
  static override args = {
    name: Args.string({ description: 'what the store is to be called here', required: true }),
    location: Args.string({
      description: 'https URL of a git repository, or absolute path of a folder on the server',
      required: true,
    }),
  };
  static override flags = {
    key: Flags.string({
      description: 'Ed25519 public key of the store’s owner, in base64',
      helpValue: 'KEY',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AppsStoreAdd);
    const store = await this.call(addStore, {
      body: { ...args, ...(flags.key !== undefined && { key: flags.key }) },
    });
    this.log(
      `${store.name} has ${store.templates} apps: see "cep apps store list --store ${store.name}".`,
    );
    if (!this.jsonEnabled()) warn(store.warnings.map((each) => `without ${printable(each)}`));
    return store;
  }
}
