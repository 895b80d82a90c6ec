import type { Plan } from '@cep/contracts/plans';
import { table } from '../table.ts';

/** A plan as a numbered list, for people, and under it what images change. Pure. */
export const describePlan = ({ app, steps, images }: Plan): string =>
  [describeSteps(app, steps), ...(images.length > 0 ? [describeImages(images)] : [])].join('\n');

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
