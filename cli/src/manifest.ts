import type { Interfaces } from '@oclif/core';
import { Plugin } from '@oclif/core/config';
import { program } from './program.ts';

/** What oclif knows of every command, to be kept beside the bundle in `oclif.manifest.json`. */
export async function makeManifest(root: string): Promise<Interfaces.Manifest> {
  const plugin = new Plugin({
    root,
    pjson: program,
    isRoot: true,
    ignoreManifest: true,
    name: program.name,
  });
  await plugin.load();
  return plugin.manifest;
}
