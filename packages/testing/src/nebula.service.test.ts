import { expect, it } from '@jest/globals';
import { run } from './install/commands.ts';
import { nebulaPrograms, nebulaVersions } from './nebula.ts';
import { requires } from './requires.ts';

requires('nebula')('nebula', () => {
  it.each(nebulaVersions)('is there as %s', async (version) => {
    const { nebula, nebulaCert } = nebulaPrograms(version);
    expect(await run(nebula, '-version')).toContain(`Version: ${version}.`);
    expect(await run(nebulaCert, '-version')).toContain(`Version: ${version}.`);
  });
});
