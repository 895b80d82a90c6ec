/** The private key with which cep shows itself to an engine: sealed at rest, for that engine alone. */
import type { Sealer } from '@cep/sealing/sealer';

const purpose = (engine: string): string => `engine-key:${engine}`;

export const sealKey = (sealer: Sealer, engine: string, key: string): Buffer =>
  sealer.seal(Buffer.from(key), purpose(engine));

/** @throws {Error} when it was sealed for another engine or under another master key */
export const openKey = (sealer: Sealer, engine: string, sealed: Uint8Array): string =>
  sealer.open(sealed, purpose(engine)).toString();
