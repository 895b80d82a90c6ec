/** Apps as callers see them. Pure. */
import type { App } from '@cep/contracts/apps';
import { reach } from '../endpoints/addresses.ts';
import { engineUnavailable, type Lost } from '../engine/failures.ts';
import type { AppView } from './store.ts';

/** @param lost  without its engine, what was last seen is not known to be still so */
export function toApp(view: AppView, lost: Lost | undefined): App {
  const { id, name, store, template, version, network, engine, generation } = view;
  return {
    id,
    name,
    store,
    template,
    version,
    network,
    engine,
    ...(lost ? withoutEngine(view, lost) : { state: view.state, reason: view.reason }),
    generation,
    endpoints: endpointsOf(view),
    domain: domainOf(view),
    createdAt: view.created_at.toISOString(),
  };
}

function withoutEngine({ state, reason }: AppView, lost: Lost): Pick<App, 'state' | 'reason'> {
  switch (state) {
    case 'failed':
    case 'stopped':
      return { state, reason };
    case 'running':
      return { state: 'unknown', reason: engineUnavailable(lost) };
    case 'destroying':
    case 'stopping':
      return { state, reason: engineUnavailable(lost) };
    case 'pending':
    case 'pulling':
    case 'starting':
      return { state: 'pending', reason: engineUnavailable(lost) };
  }
}

function domainOf({ domain: name, domain_taken_by: holder }: AppView): App['domain'] {
  if (name === null) return null;
  const problem =
    holder === null
      ? null
      : `${name} is the name of a ${holder} already: the app is reached by its address alone. To have a name, deploy it again with another --name.`;
  return { name, problem };
}

function endpointsOf({ outline, ports, address }: AppView): App['endpoints'] {
  return outline.endpoints.flatMap((endpoint) => {
    const reached = reach(endpoint, { address, ports });
    if (!reached) return [];
    const { port, url } = reached;
    return { name: endpoint.name, protocol: endpoint.scheme, address, port, url };
  });
}
