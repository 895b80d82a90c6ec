/**
 * The front of an app: a proxy that holds the ports of services which are replaced start-first, so
 * that the old container answers until the new one does. A port of the machine belongs to one
 * container at a time; without a front a replacement has a gap of a stop and a start. Pure.
 */
import { bareService } from '../compose/bare-service.ts';
import type { Front, RenderedApp, Service } from '../compose/model.ts';
import type { Binding } from '../engine/payload.ts';

/** Its name among the services of the app. */
export const FRONT = 'cep-front';

/** Takes new settings without closing its ports, and lets what is under way end. */
const IMAGE = 'haproxy:3.2-alpine';

export const DEFAULT_DRAIN_MS = 10_000;
const CONFIG = '/etc/cep-front.cfg';
const FIRST_PORT = 10_000;
const MEMORY_BYTES = 128 * 2 ** 20;

/** Why a service cannot run twice for a while; undefined: it can. */
export function obstacle({ mounts, ports, network }: Service): string | undefined {
  const written = mounts.find((mount) => mount.kind !== 'tmpfs' && !mount.readOnly);
  if (written) {
    const what = written.kind === 'volume' ? `the volume ${written.volume}` : written.target;
    return `it writes ${what}, which two at once must not`;
  }
  if (network !== undefined) return 'it has no network of its own';
  return ports.some(({ protocol }) => protocol === 'udp') ? 'it publishes a UDP port' : undefined;
}

const publishes = ({ updateOrder, ports }: Service): boolean =>
  updateOrder === 'start-first' && ports.length > 0;

/** @returns the front of an app, if it has services that need one */
export function frontOf(
  services: readonly Service[],
  drain: number = DEFAULT_DRAIN_MS,
): Front | undefined {
  return services.some(publishes) ? { image: IMAGE, drain } : undefined;
}

/** One port that the front holds for a service. */
interface Held {
  readonly service: string;
  /** That of the service. */
  readonly target: number;
  /** That of the front. */
  readonly port: number;
  readonly isHttp: boolean;
}

type Fronted = Pick<RenderedApp, 'services' | 'endpoints' | 'front'>;

function heldPorts({ services, endpoints, front }: Fronted): Held[] {
  if (!front) return [];
  const ports = services
    .filter(publishes)
    .flatMap(({ name, ports: own }) => own.map(({ target }) => ({ service: name, target })));
  return ports.map(({ service, target }, index) => ({
    ...{ service, target, port: FIRST_PORT + index },
    isHttp: endpoints.some(
      (each) => each.service === service && each.port === target && each.scheme === 'http',
    ),
  }));
}

/**
 * @param bindings  of the services themselves
 * @returns what is really run: the services, and the front with the ports of those behind it
 */
export function withFront<B extends Binding>(
  app: Fronted,
  bindings: readonly B[],
): { readonly services: readonly Service[]; readonly bindings: readonly Binding[] } {
  const { services, front } = app;
  if (!front) return { services, bindings };
  const held = heldPorts(app);
  const moved = bindings.map((binding): Binding => {
    const own = held.find(
      ({ service, target }) => service === binding.service && target === binding.target,
    );
    return own ? { ...binding, service: FRONT, target: own.port } : binding;
  });
  return { services: [...services, serviceOf(front, services.filter(publishes))], bindings: moved };
}

/** It is started once those behind it answer, and by itself whenever it ends. */
const serviceOf = ({ image }: Front, behind: readonly Service[]): Service => ({
  ...bareService(FRONT, image),
  entrypoint: ['haproxy'],
  command: ['-W', '-db', '-f', CONFIG],
  dependsOn: behind.map(({ name, healthcheck }) => ({
    service: name,
    condition: healthcheck && healthcheck.test[0] !== 'NONE' ? 'healthy' : 'started',
  })),
  restart: 'unless-stopped',
  stopGraceSeconds: 2,
  stopSignal: 'SIGTERM',
  memoryBytes: MEMORY_BYTES,
  pids: 64,
});

/**
 * @param containers  names in the engine of those that are to answer, by service
 * @returns the file that tells the front so
 */
export function frontFile(app: Fronted, containers: ReadonlyMap<string, string>) {
  const seconds = Math.ceil((app.front?.drain ?? DEFAULT_DRAIN_MS) / 1000);
  const sections = heldPorts(app).map((held) => section(held, containers.get(held.service) ?? ''));
  const content = `${GLOBAL.replace('DRAIN', `${seconds}s`)}${sections.join('')}`;
  return { target: CONFIG, content, mode: 0o444, uid: 0, gid: 0 };
}

/**
 * Names are looked up when it starts, by the C library, and then again whenever they may have
 * changed, at the engine's own name server. What is idle when it is told anew is not cut off: its
 * next answer says that the connection ends.
 */
const GLOBAL = `global
    maxconn 4000
    hard-stop-after DRAIN
defaults
    timeout connect 2s
    timeout http-request 30s
    timeout http-keep-alive 60s
    timeout client 1h
    timeout server 1h
    timeout tunnel 24h
    retries 3
resolvers engine
    nameserver engine 127.0.0.11:53
    timeout resolve 1s
    timeout retry 1s
    hold valid 1s
`;

const HTTP = `
    option forwardfor
    option idle-close-on-response
    retry-on conn-failure`;

const section = ({ service, target, port, isHttp }: Held, container: string): string =>
  `listen ${service}-${target}
    mode ${isHttp ? 'http' : 'tcp'}
    bind :${port}${isHttp ? HTTP : ''}
    server ${service} ${container}:${target} resolvers engine init-addr libc,none
`;
