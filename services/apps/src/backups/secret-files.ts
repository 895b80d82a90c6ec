/** Secrets of a target as files, which are put into a container before it starts: they are nowhere else. */
import type { File } from '../compose/model.ts';
import { CREDENTIALS_FILE } from '../engine/policy/helper.ts';

/** What opens the repositories of a target. */
export interface TargetSecrets {
  readonly password: string;
  readonly keyId?: string | undefined;
  readonly keySecret?: string | undefined;
}

export const secretFile = (target: string, content: string): File => ({
  ...{ target, content },
  ...{ mode: 0o400, uid: 0, gid: 0 },
});

/** @returns none for a place that needs no key */
export function keyFiles({ keyId, keySecret }: Pick<TargetSecrets, 'keyId' | 'keySecret'>): File[] {
  if (keyId === undefined) return [];
  const text = `[default]\naws_access_key_id=${keyId}\naws_secret_access_key=${keySecret}\n`;
  return [secretFile(CREDENTIALS_FILE, text)];
}
