import { createRequire } from 'node:module';

const manifest: { version: string } = createRequire(import.meta.url)('../package.json');

/** Of cep, e.g. `0.1.0`. */
export const { version } = manifest;
