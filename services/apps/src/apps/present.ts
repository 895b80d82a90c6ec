/** Apps as callers see them. Pure. */
import type { App } from '@cep/contracts/apps';
import { engineUnavailable } from '../engine/failures.ts';
import type { AppView } from './store.ts';

/** @param engineIsUp  without the engine, what was last seen is not known to be still so */
export function toApp(view: AppView, engineIsUp: boolean): App {
  const { id, name, store, template, version, network, generation } = view;
  return {
    id,
    name,
    store,
    template,
    version,
    network,
    ...(engineIsUp ? { state: view.state, reason: view.reason } : withoutEngine(view)),
    generation,
    endpoints: endpointsOf(view),
    domain: domainOf(view),
    createdAt: view.created_at.toISOString(),
  };
}

function withoutEngine({ state, reason }: AppView): Pick<App, 'state' | 'reason'> {
  switch (state) {
    case 'failed':
    case 'stopped':
      return { state, reason };
    case 'running':
      return { state: 'unknown', reason: engineUnavailable };
    case 'destroying':
    case 'stopping':
      return { state, reason: engineUnavailable };
    case 'pending':
    case 'pulling':
    case 'starting':
      return { state: 'pending', reason: engineUnavailable };
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
  return outline.endpoints.flatMap(({ name, service, port: target, scheme, path }) => {
    const claim = ports.find((each) => each.service === service && each.target === target);
    if (!claim) return [];
    const url = `${scheme}://${address}:${claim.port}${path === '/' ? '' : path}`;
    return { name, protocol: scheme, address, port: claim.port, url };
  });
}
