import { renderApp } from '@cep/contracts/renderings';
import { describeRendering } from '../../apps/describe-rendering.ts';
import { sourceArg, sourceFlags, toSource } from '../../apps/source.ts';
import { CepCommand } from '../../command.ts';

export default class AppsRender extends CepCommand {
  static override summary = 'show what a template or a compose file would run';
  static override description =
    'Images, ports, volumes, what the policy says, and what an administrator would have to grant. Nothing is deployed or written down; secrets are hidden.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> postgres --set DATABASE=orders',
    '<%= config.bin %> <%= command.id %> ./compose.yaml --name shop --network home',
    '<%= config.bin %> <%= command.id %> ./compose.yaml --json',
  ];
  static override args = { template: sourceArg };
  static override flags = sourceFlags;

  async run() {
    const { args, flags } = await this.parse(AppsRender);
    const body = await toSource(args.template, flags);
    const rendering = await this.call(renderApp, { body });
    this.log(describeRendering(rendering));
    return rendering;
  }
}
