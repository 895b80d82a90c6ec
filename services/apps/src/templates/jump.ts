import { Problem } from '@cep/contracts/problems';
import { readYaml } from '../compose/read-yaml.ts';
import type { Template, Written } from './template.ts';

/**
 * Some templates can only be updated from a revision that is new enough.
 *
 * @param before  what the app is now; absent: that is not known
 * @throws {Problem} `invalid-request` when another revision has to come first
 */
export function assertJump(
  { id, revision, update }: Pick<Template, 'id' | 'revision' | 'update'>,
  before: Written | undefined,
): void {
  const from = before && update?.from !== undefined ? revisionOf(before) : undefined;
  if (from === undefined || update?.from === undefined || from >= update.from) return;
  throw new Problem(
    'invalid-request',
    `${id} revision ${revision} can be updated to from revision ${update.from} on, and the app is of revision ${from}. Update it to one between these first.`,
  );
}

function revisionOf({ compose }: Written): number | undefined {
  const tree = readYaml(compose, 'compose.yaml');
  const header =
    tree !== null && typeof tree === 'object' && !Array.isArray(tree) ? tree['x-cep'] : null;
  if (header === null || typeof header !== 'object' || Array.isArray(header)) return undefined;
  const revision = Number(header.revision);
  return Number.isInteger(revision) ? revision : undefined;
}
