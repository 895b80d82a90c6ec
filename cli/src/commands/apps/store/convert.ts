import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../../command.ts';
import { convert, SOURCES } from '../../../convert/convert.ts';
import type { Converted } from '../../../convert/draft.ts';
import { readCompose, readDocument, stackPaths } from '../../../convert/read.ts';
import { failure } from '../../../failure.ts';
import { warn } from '../../../policy-file.ts';
import { printable } from '../../../printable.ts';

export default class AppsStoreConvert extends CepCommand {
  static override summary = 'make app templates from those of others';
  static override description =
    'Writes a folder for each app of a compose file, of a CasaOS app or of a Portainer list, and says what could not be taken over. Read the result before you deploy it. Needs no server.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> docker-compose.yml',
    '<%= config.bin %> <%= command.id %> templates.json --from portainer --out store',
  ];
  static override args = {
    file: Args.string({ description: 'compose file, or list of templates', required: true }),
  };
  static override flags = {
    from: Flags.option({
      description: 'what the file is; seen from its content unless said',
      options: SOURCES,
    })(),
    out: Flags.string({
      description: 'folder to write to, which is made',
      default: 'store',
      helpValue: 'FOLDER',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AppsStoreConvert);
    const file = resolve(args.file);
    const stacks = new Map<string, Awaited<ReturnType<typeof readCompose>>>();
    const document = await readDocument(file);
    const stackFile = (path: string) => stacks.get(path);
    for (const path of stackPaths(document))
      stacks.set(path, await readCompose(dirname(file), path));
    const { apps, refused } = convert(document, {
      ...(flags.from && { from: flags.from }),
      otherwise: basename(dirname(file)),
      stackFile,
    });
    for (const app of apps) await write(resolve(flags.out), app);
    const warnings = apps.flatMap(({ id, warnings: own }) => own.map((each) => `${id}: ${each}`));
    if (!this.jsonEnabled()) warn([...refused, ...warnings].map(printable));
    if (apps.length === 0) throw failure(refused[0] ?? `${args.file} has no apps.`);
    this.log(
      `${apps.map(({ id }) => join(flags.out, id)).join('\n')}\nRead them, then add the folder where cep runs: cep apps store add NAME FOLDER`,
    );
    return { apps: apps.map(({ id, warnings: own }) => ({ id, warnings: own })), refused };
  }
}

/** @throws {CLIError} rather than overwrite what somebody may have changed by hand */
async function write(out: string, { id, compose, readme }: Converted): Promise<void> {
  const { Document } = await import('yaml');
  const text = new Document(compose).toString({ lineWidth: 0 });
  const folder = join(out, id);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(join(folder, 'compose.yaml'), text, {
      flag: 'wx',
    });
    await writeFile(join(folder, 'README.md'), readme, { flag: 'wx' });
  } catch (cause) {
    throw failure(`${folder} cannot be written, or is there already: choose another --out.`, {
      cause,
    });
  }
}
