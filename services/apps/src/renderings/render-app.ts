import { randomUUID } from 'node:crypto';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/renderings';
import type { Deps } from '../apps/deps.ts';
import { planApp, readWish } from '../apps/plan.ts';
import { toRendering } from './present.ts';

/** What a deployment would run. Nothing is written down, and nothing asked of the engine. */
export async function renderApp(
  deps: Deps,
  { body }: Input<typeof contract.renderApp>,
  caller: UserCaller,
): Promise<contract.Rendering> {
  const wish = await readWish(deps, body, caller);
  const plan = planApp(deps, wish, { id: randomUUID(), made: {} });
  const { secrets, needed, granted, refusals, shown } = plan;
  const { name, template, place } = wish;
  return toRendering({
    ...{ name, template, address: place.address },
    ...{ app: shown.rendered, values: shown.values, secrets, needed, granted, refusals },
  });
}
