import type { Limits } from './state.ts';

/** The smallest things that can be done to the engine, each idempotent. */
export type Action =
  | { readonly do: 'pull'; readonly image: string }
  /** Keeps what its name stands for. */
  | { readonly do: 'lock'; readonly image: string }
  | { readonly do: 'create-network'; readonly name: string }
  | { readonly do: 'create-volume'; readonly name: string }
  /** Gives a volume that is still empty to its owner. */
  | { readonly do: 'own-volume'; readonly name: string }
  | { readonly do: 'create'; readonly name: string }
  /** Changes limits of a container, running or not. */
  | {
      readonly do: 'update';
      readonly id: string;
      readonly name: string;
      readonly limits: Partial<Limits>;
    }
  | { readonly do: 'start'; readonly name: string }
  | { readonly do: 'stop'; readonly id: string; readonly name: string }
  | { readonly do: 'remove'; readonly id: string; readonly name: string }
  | { readonly do: 'remove-network'; readonly name: string }
  | { readonly do: 'remove-volume'; readonly name: string };

export type Step = Action & {
  /** Steps of the same plan, by {@link keyOf}, that must have succeeded before. */
  readonly after: readonly string[];
};

export function keyOf(action: Action): string {
  if (action.do === 'pull' || action.do === 'lock') return `${action.do} ${action.image}`;
  return `${action.do} ${'id' in action ? action.id : action.name}`;
}

/** `action`, to be taken after all of `after`. */
export const step = (action: Action, after: readonly Step[] = []): Step => ({
  ...action,
  after: after.map(keyOf),
});
