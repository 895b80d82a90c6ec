import { keyOf, type Step } from './step.ts';

interface Failed {
  readonly step: Step;
  readonly error: unknown;
}

/**
 * Takes the steps of one plan, each as soon as those before it have succeeded. What comes after one
 * that failed is left out; what is independent of it goes on.
 *
 * @returns what failed first, after everything has ended
 */
export async function execute(
  steps: readonly Step[],
  take: (step: Step) => Promise<void>,
): Promise<Failed | undefined> {
  const failed: Failed[] = [];
  const outcomes = new Map<string, Promise<boolean>>();
  const run = async (step: Step): Promise<boolean> => {
    const before = await Promise.all(step.after.flatMap((key) => outcomes.get(key) ?? []));
    if (!before.every(Boolean)) return false;
    try {
      await take(step);
      return true;
    } catch (error) {
      failed.push({ step, error });
      return false;
    }
  };
  // A plan names what comes before before what comes after.
  for (const step of steps) outcomes.set(keyOf(step), run(step));
  await Promise.all(outcomes.values());
  return failed[0];
}
