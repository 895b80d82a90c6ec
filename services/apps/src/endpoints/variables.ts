/**
 * `CEP_URL_WEB`, `CEP_DOMAIN_WEB` and `CEP_PORT_WEB`: an app's own endpoints. Their ports are claimed
 * after an app is rendered, and may move when a stranger holds one. So what is rendered, and kept, has
 * a placeholder, and everything that is built or shown of it has the port that is claimed by then. Pure.
 */
import type { Endpoint, RenderedApp } from '../compose/model.ts';
import { type Bindings, type Reached, reach } from './addresses.ts';

const KINDS = { URL: 'url', DOMAIN: 'domain', PORT: 'port' } as const satisfies Record<
  string,
  keyof Reached
>;
type Kind = keyof typeof KINDS;

const VARIABLE = /^CEP_(URL|DOMAIN|PORT)_([A-Z0-9_]+)$/;

/**
 * Unicode keeps these two from ever being characters, and no escaping changes them. Who writes them all
 * the same gets what the variable would give.
 */
const PLACEHOLDER = /\uFDD0(URL|DOMAIN|PORT)_([A-Z0-9_]+)\uFDD1/g;

/** `web-api` is `WEB_API`. */
const variableOf = (endpoint: string): string => endpoint.toUpperCase().replaceAll('-', '_');

/** @returns e.g. `CEP_DOMAIN_WEB` */
export const domainVariable = ({ name }: Pick<Endpoint, 'name'>): string =>
  `CEP_DOMAIN_${variableOf(name)}`;

export const isEndpointVariable = (name: string): boolean => VARIABLE.test(name);

/** Stands for the value of an endpoint's variable until its port is known. */
export const placeholderOf = (name: string): string =>
  name.replace(VARIABLE, (_, kind: string, endpoint: string) => `\uFDD0${kind}_${endpoint}\uFDD1`);

/** @returns why an endpoint's variable means nothing, for people; nothing when it does */
export function faultOf(
  name: string,
  endpoints: readonly Pick<Endpoint, 'name'>[],
): string | undefined {
  const asked = VARIABLE.exec(name)?.[2];
  if (endpoints.some((each) => variableOf(each.name) === asked)) return undefined;
  const known = endpoints.map((each) => `CEP_URL_${variableOf(each.name)}`);
  return known.length > 0
    ? `${name} is of no endpoint; there is ${known.join(', ')}`
    : `${name} is of no endpoint: the app has none, as it publishes no port`;
}

/** @returns the same with values in place of placeholders, in whatever text of it */
export function withAddresses<T>(value: T, endpoints: readonly Endpoint[], bindings: Bindings): T {
  const valueOf = (text: string, kind: Kind, variable: string): string => {
    const endpoint = endpoints.find(({ name }) => variableOf(name) === variable);
    const reached = endpoint && reach(endpoint, bindings);
    return reached ? `${reached[KINDS[kind]]}` : text;
  };
  return mapTexts(value, (text) => text.replace(PLACEHOLDER, valueOf)) as T;
}

/** As it will be if each service gets just the ports that it wants. */
export function asWished<T>(value: T, { services, endpoints }: RenderedApp, address: string): T {
  const ports = services.flatMap(({ name: service, ports: own }) =>
    own.map(({ target, protocol, published }) => ({ service, target, protocol, port: published })),
  );
  return withAddresses(value, endpoints, { address, ports });
}

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return value.includes('\uFDD0') ? map(value) : value;
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each, map)]));
}
