/** Ports that others listen on, found before anything is touched for a container that needs one. */
import type { Member } from '../engines/member.ts';
import type { Claim } from '../ports/store.ts';
import { current, type DesiredContainer, isActive, type Observed } from './state.ts';
import type { Step } from './step.ts';
import type { Work } from './work.ts';

interface Next {
  readonly observed: Observed;
  readonly steps: readonly Step[];
}

/** @returns a port of what is made or started next that somebody has, who is none of the app's own */
export async function findTaken(
  { sight }: Pick<Member, 'sight'>,
  { desired, claims }: Work,
  { observed, steps }: Next,
): Promise<Claim | undefined> {
  const own = new Set(observed.containers.filter(isActive).flatMap(({ holds }) => holds));
  const isNext = (each: DesiredContainer) =>
    steps.some(
      (step) =>
        (step.do === 'create' && step.name === each.name) ||
        (step.do === 'start' && step.name === current(each, observed)?.name),
    );
  const needed = desired.containers.filter(isNext).flatMap(({ holds }) => holds);
  for (const claim of claims) {
    const held = `${claim.protocol} ${claim.address}:${claim.port}`;
    if (!needed.includes(held) || own.has(held)) continue;
    if (await sight.isTaken(claim)) return claim;
  }
  return undefined;
}
