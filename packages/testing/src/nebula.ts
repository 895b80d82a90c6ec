import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, pins } from './install/pins.ts';

/** The folders with the programs `nebula` and `nebula-cert` of each version, as the rig sets them. */
const VERSIONS = {
  '1.6': { variable: 'TEST_NEBULA_1_6', pin: pins.nebula16 },
  '1.9': { variable: 'TEST_NEBULA_1_9', pin: pins.nebula19 },
  '1.11': { variable: 'TEST_NEBULA_1_11', pin: pins.nebula111 },
} as const;

export type NebulaVersion = keyof typeof VERSIONS;

export const nebulaVersions = Object.keys(VERSIONS) as NebulaVersion[];

/** Paths of the two programs of one version of Nebula. */
export function nebulaPrograms(version: NebulaVersion): { nebula: string; nebulaCert: string } {
  const folder = process.env[VERSIONS[version].variable];
  if (!folder) throw new Error(`Nebula ${version} is not there: guard with requires('nebula').`);
  return { nebula: join(folder, 'nebula'), nebulaCert: join(folder, 'nebula-cert') };
}

/** The rig's variables for the versions that were unpacked. */
export function nebulaEnvironment(): Record<string, string> {
  const found = Object.values(VERSIONS).flatMap(({ variable, pin }) => {
    const programs = ['usr/bin', 'usr/sbin'].map((folder) => join(folderOf(pin), folder));
    const folder = programs.find((path) => existsSync(join(path, 'nebula')));
    return folder ? [[variable, folder] as const] : [];
  });
  return Object.fromEntries(found);
}
