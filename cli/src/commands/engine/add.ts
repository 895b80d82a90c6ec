import { putEngine } from '@cep/contracts/engines';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../command.ts';
import { describeEngine } from '../../engines/describe.ts';
import { readText } from '../../read-text.ts';

export default class EngineAdd extends CepCommand {
  static override summary = 'add the Docker of another machine, to place apps on';
  static override description =
    'For administrators. cep and that Docker show each other certificates; docs/operations/engines.md says how they are made. It is added once cep has met it, and only administrators place apps on it until it is shared. Typed again with other files, or another URL, it changes how the same Docker is reached: so certificates are renewed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> barn --url https://10.42.0.7:2376 --ca ca.pem --cert cert.pem --key key.pem',
    '<%= config.bin %> <%= command.id %> barn --url https://barn.lan:2376 --address 10.42.0.7 --ca ca.pem --cert cert.pem --key key.pem',
  ];
  static override args = {
    name: Args.string({ description: 'what the engine is to be called', required: true }),
  };
  static override flags = {
    url: Flags.string({
      description: 'where it listens',
      helpValue: 'https://HOST:2376',
      required: true,
    }),
    ca: Flags.string({
      description: 'certificate of the authority that signed the engine’s',
      helpValue: 'FILE',
      required: true,
    }),
    cert: Flags.string({
      description: 'certificate with which cep shows itself',
      helpValue: 'FILE',
      required: true,
    }),
    key: Flags.string({
      description: 'its private key; the server seals it',
      helpValue: 'FILE',
      required: true,
    }),
    address: Flags.string({
      description:
        'address of its machine on a network, which apps are bound to; may be repeated. That of the URL, if it is one of a host on a network of yours, needs no mention',
      helpValue: 'ADDRESS',
      multiple: true,
      multipleNonGreedy: true,
    }),
    replaced: Flags.boolean({
      description: 'the machine was replaced: make its apps anew there, without their data',
      default: false,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(EngineAdd);
    const { url, address, replaced } = flags;
    const [ca, certificate, key] = await Promise.all(
      [flags.ca, flags.cert, flags.key].map((path) => readText(path)),
    );
    const engine = await this.call(putEngine, {
      params: { engine: args.name },
      body: {
        ...{ url, ca: ca ?? '', certificate: certificate ?? '', key: key ?? '', replaced },
        ...(address && { addresses: address }),
      },
    });
    this.log(describeEngine(engine));
    this.log(`\nNext: cep apps deploy nginx --on ${engine.name}`);
    if (!engine.everyone) this.log(`Let others in: cep engine share ${engine.name} --everyone`);
    return engine;
  }
}
