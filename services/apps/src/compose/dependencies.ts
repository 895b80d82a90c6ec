import { Problem } from '@cep/contracts/problems';
import type { Dependency, Service } from './model.ts';
import type { ComposeService } from './schema.ts';

const CONDITIONS = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const;

/**
 * Both forms of `depends_on`; the list waits only for the start. Each service at most once.
 *
 * @param running  what is not among them, and not required, is not waited for
 */
export function readDependencies(
  dependsOn: ComposeService['depends_on'] = {},
  running: readonly string[] = [],
): Dependency[] {
  if (Array.isArray(dependsOn)) {
    return [...new Set(dependsOn)].map((service) => ({ service, condition: 'started' }));
  }
  return Object.entries(dependsOn).flatMap(([service, { condition, required = true }]) => {
    if (!required && !running.includes(service)) return [];
    return { service, condition: CONDITIONS[condition ?? 'service_started'] };
  });
}

/**
 * @throws {Problem} `invalid-request` for a dependency on no service, on one that can never be healthy,
 *   and for a cycle, which is named from service to service
 */
export function assertStartable(services: readonly Service[]): void {
  const byName = new Map(services.map((service) => [service.name, service]));
  for (const { name, dependsOn } of services) {
    for (const { service, condition } of dependsOn) {
      const path = `compose/services/${name}/depends_on`;
      const other = byName.get(service);
      if (!other) throw refused(`${path} names "${service}", which is no service`);
      if (condition === 'healthy' && other.healthcheck?.test[0] === 'NONE') {
        throw refused(`${path} waits for the health of "${service}", which is not checked`);
      }
    }
  }
  const cycle = findCycle(services);
  if (cycle) throw refused(`compose/services depend on each other: ${cycle.join(' → ')}`);
}

/** Takes away what waits for nothing until only cycles, and what waits for them, are left. */
function findCycle(services: readonly Service[]): string[] | undefined {
  const left = new Map(services.map((s) => [s.name, s.dependsOn.map(({ service }) => service)]));
  const blocked = (names: string[]) => names.find((name) => left.has(name));
  for (let before = Number.POSITIVE_INFINITY; left.size < before; ) {
    before = left.size;
    for (const [name, names] of left) if (blocked(names) === undefined) left.delete(name);
  }
  const walk: string[] = [];
  for (let name = blocked([...left.keys()]); name !== undefined; ) {
    const start = walk.indexOf(name);
    if (start !== -1) return [...walk.slice(start), name];
    walk.push(name);
    name = blocked(left.get(name) ?? []);
  }
  return undefined;
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
