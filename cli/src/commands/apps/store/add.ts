import { addStore } from '@cep/contracts/templates';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../../command.ts';
import { warn } from '../../../policy-file.ts';
import { printable } from '../../../printable.ts';

export default class AppsStoreAdd extends CepCommand {
  static override summary =
    'add an app store: a git repository, a folder of the server, or one that you fill by hand';
  static override description =
    'For administrators. Everybody may deploy from it then, or with --closed nobody else until "cep apps store share". With --key only what the index of the store signs is taken. Without a location it is empty, and takes what "cep apps template add" puts there. Apps that run do not change when the store does.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> team https://git.example.com/team/apps.git',
    '<%= config.bin %> <%= command.id %> team https://git.example.com/team/apps.git --key KEY',
    '<%= config.bin %> <%= command.id %> mine /srv/apps',
    '<%= config.bin %> <%= command.id %> ours --closed',
  ];
  static override args = {
    name: Args.string({ description: 'what the store is to be called here', required: true }),
    location: Args.string({
      description: 'https URL of a git repository, or absolute path of a folder on the server',
    }),
  };
  static override flags = {
    closed: Flags.boolean({ description: 'for administrators, until it is shared' }),
    key: Flags.string({
      description: 'Ed25519 public key of the store’s owner, in base64',
      helpValue: 'KEY',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AppsStoreAdd);
    const store = await this.call(addStore, {
      body: {
        name: args.name,
        everyone: !flags.closed,
        ...(args.location !== undefined && { location: args.location }),
        ...(flags.key !== undefined && { key: flags.key }),
      },
    });
    if (store.kind === 'own') {
      this.log(`${store.name} is empty: "cep apps template add FOLDER --store ${store.name}".`);
      return store;
    }
    this.log(
      `${store.name} has ${store.templates} apps: see "cep apps store list --store ${store.name}".`,
    );
    if (!this.jsonEnabled()) warn(store.warnings.map((each) => `without ${printable(each)}`));
    return store;
  }
}
