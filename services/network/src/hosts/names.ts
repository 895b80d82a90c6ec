import { Problem } from '@cep/contracts/problems';

/** In nebula's firewall rules this word means everyone, so nobody may be called so. */
const EVERYONE = 'any';

interface Words {
  readonly name?: string;
  readonly groups?: readonly string[];
}

/** @throws {Problem} `invalid-request` for the one word that DNS could carry and nebula could not */
export function checkWords({ name, groups = [] }: Words): void {
  const at = groups.indexOf(EVERYONE);
  const member = name === EVERYONE ? 'body/name' : at >= 0 ? `body/groups/${at}` : undefined;
  if (member === undefined) return;
  const sentence = `${member} cannot be "${EVERYONE}", which means everyone: choose another.`;
  throw new Problem('invalid-request', sentence);
}
