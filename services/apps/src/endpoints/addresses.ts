/** Where the endpoints of an app are reached, for people and for the app itself. Pure. */
import type { Endpoint } from '../compose/model.ts';

/** A port of the machine that a service has. */
interface Bound {
  readonly service: string;
  readonly target: number;
  readonly protocol: string;
  readonly port: number;
}

/** Where an app's ports are bound. */
export interface Bindings {
  readonly address: string;
  readonly ports: readonly Bound[];
}

export interface Reached {
  readonly port: number;
  /** The address, and the port where it is not the usual one of the scheme. */
  readonly domain: string;
  /** Without a slash at its end, e.g. `http://10.42.0.2:8080`. */
  readonly url: string;
}

/** Schemes of which an address without a port is the usual way to write it. */
const USUAL: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** @returns nothing for an endpoint whose port is bound nowhere */
export function reach(
  { service, port: target, scheme, path }: Endpoint,
  { address, ports }: Bindings,
): Reached | undefined {
  const own = ports.filter((each) => each.service === service && each.target === target);
  const protocol = scheme === 'udp' ? 'udp' : 'tcp';
  const bound = own.find((each) => each.protocol === protocol) ?? own[0];
  if (!bound) return undefined;
  const { port } = bound;
  const domain = USUAL[scheme] === port ? address : `${address}:${port}`;
  return { port, domain, url: `${scheme}://${domain}${path === '/' ? '' : path}` };
}
