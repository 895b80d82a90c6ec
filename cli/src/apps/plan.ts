import type { Plan } from '@cep/contracts/apps';
import { table } from '../table.ts';

/** A plan as a numbered list, for people. Pure. */
export const describePlan = ({ app, steps }: Plan): string =>
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
