import type { Plan, Review } from '@cep/contracts/plans';
import { printable } from '../printable.ts';
import { table } from '../table.ts';

/** A plan as a numbered list, for people, and under it what images change. Pure. */
export const describePlan = ({ app, steps, images, review }: Plan): string =>
  [
    ...(review ? describeReview(review) : []),
    describeSteps(app, steps),
    ...(images.length > 0 ? [describeImages(images)] : []),
  ].join('\n');

/** What changes, what has to be agreed to, and what the template says of it. */
function describeReview({ version, changes, permissions, notes }: Review): string[] {
  const missing = permissions.filter(({ granted }) => !granted);
  const flags = missing.map(({ permission }) => `--grant ${permission}`).join(' ');
  return [
    ...(version.from === version.to
      ? []
      : [printable(`Version ${version.from} becomes ${version.to}.`)]),
    ...(changes.length === 0 ? [] : [describeChanges(changes)]),
    ...(permissions.length === 0 ? [] : [describePermissions(permissions)]),
    ...notes.map((note) => printable(`Note: ${note}`)),
    ...(missing.length === 0
      ? []
      : [`Refused until an administrator agrees with: ${flags} --reason "WHY"`]),
  ].map((part) => `${part.trimEnd()}\n`);
}

const describeChanges = (changes: Review['changes']): string =>
  table(changes, {
    SERVICE: ({ service }) => service,
    IS: ({ is }) => is,
    'IN ITS': ({ what }) => what.join(', '),
  });

const describePermissions = (permissions: Review['permissions']): string =>
  table(permissions, {
    PERMISSION: ({ permission }) => permission,
    FOR: ({ path, reason }) => reason ?? path,
    GRANTED: ({ granted }) => (granted ? 'yes' : 'no, it is new'),
  });

const describeImages = (images: Plan['images']): string =>
  table(
    images,
    {
      SERVICE: ({ service }) => service,
      IMAGE: ({ image }) => image,
      FROM: ({ from }) => shortened(from),
      TO: ({ to }) => shortened(to),
    },
    '',
  );

/** e.g. `sha256:9f86d081884c`. */
const shortened = (digest: string | null): string => digest?.slice(0, 19) ?? '?';

const describeSteps = (app: string, steps: Plan['steps']): string =>
  table(
    steps.map((step, n) => ({ ...step, number: n + 1 })),
    {
      STEP: ({ number }) => String(number),
      DO: (step) => step.do,
      WHAT: ({ what }) => what,
      AFTER: ({ after }) => after.join(', '),
    },
    `Nothing is to be done for ${app}.`,
  );
