/** Who may let an app have what, before anything is written down. Pure. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Grant } from '@cep/contracts/permissions';
import { Problem } from '@cep/contracts/problems';
import type { Needed } from '../engine/permissions.ts';

/** @throws {Problem} `forbidden` for who is no administrator; `invalid-request` for one twice */
export function assertMayGrant({ role }: UserCaller, grants: readonly Grant[]): void {
  if (grants.length > 0 && role !== 'admin') {
    throw new Problem('forbidden', 'Only an administrator grants permissions to apps: ask one.');
  }
  const permissions = grants.map(({ permission }) => permission);
  const twice = permissions.find((each, index) => permissions.indexOf(each) !== index);
  if (twice) throw new Problem('invalid-request', `${twice} is granted twice.`);
}

/**
 * @param granted  now, or for an earlier generation of the same app
 * @throws {Problem} `permission-needed` naming all that is missing and how to grant it
 */
export function assertGranted(needed: readonly Needed[], granted: ReadonlySet<string>): void {
  const missing = needed.filter(({ permission }) => !granted.has(permission));
  const [one] = missing;
  if (!one) return;
  const flags = missing.map(({ permission }) => `--grant ${permission}`).join(' ');
  throw new Problem(
    'permission-needed',
    `${one.path} asks for ${one.permission}, which apps do not have. If it is to be trusted with it, an administrator adds: ${flags} --reason "WHY".`,
    { members: { permissions: missing } },
  );
}

/** @throws {Problem} `invalid-request` for what the app does not ask for, so that no more is granted */
export function assertNeeded(needed: readonly Needed[], grants: readonly Grant[]): void {
  const known = needed.map(({ permission }) => permission);
  const stranger = grants.find(({ permission }) => !known.includes(permission));
  if (!stranger) return;
  const what = known.length > 0 ? `It asks for ${known.join(', ')}` : 'It asks for nothing';
  throw new Problem('invalid-request', `The app does not ask for ${stranger.permission}. ${what}.`);
}
