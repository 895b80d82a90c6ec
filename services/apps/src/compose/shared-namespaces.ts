import { refused } from './context.ts';
import type { Dependency, Service } from './model.ts';

/**
 * Completes services that share something of another: that one starts first, and lets it be shared.
 *
 * @throws {Problem} `invalid-request` for sharing with no service, with itself, or the network of one
 *   that has none of its own
 */
export function withNamespaces(services: readonly Service[]): Service[] {
  const lenders = new Set(services.map(({ ipcOf }) => ipcOf));
  return services.map((service) => {
    const path = `compose/services/${service.name}`;
    const others = sharedBy(service);
    for (const other of others) assertLender(path, service, other, services);
    const missing = others.filter(
      (other) => !service.dependsOn.some((dependency) => dependency.service === other),
    );
    const added = missing.map((other): Dependency => ({ service: other, condition: 'started' }));
    return {
      ...service,
      dependsOn: [...service.dependsOn, ...added],
      ...(lenders.has(service.name) && { sharesIpc: true as const }),
    };
  });
}

/** The services whose network, processes or shared memory a service uses; each once. */
export function sharedBy({ network, pidOf, ipcOf }: Service): string[] {
  const all = [typeof network === 'object' ? network.of : undefined, pidOf, ipcOf];
  return [...new Set(all.filter((name) => name !== undefined))];
}

function assertLender(
  path: string,
  { name, network }: Service,
  other: string,
  services: readonly Service[],
): void {
  const lender = services.find((candidate) => candidate.name === other);
  if (!lender) throw refused(path, `shares with "${other}", which is no service`);
  if (other === name) throw refused(path, 'shares with itself');
  const chains = typeof network === 'object' && network.of === other;
  if (chains && lender.network !== undefined) {
    throw refused(path, `shares the network of "${other}", which has none of its own`);
  }
}
