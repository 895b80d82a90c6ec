/** How a store shows that what a template deploys really works: what is asked of it, and what must come. */
import { closed, DnsLabel, type Static, Type } from '@cep/contracts/schema';

const Text = Type.String({ minLength: 1, maxLength: 2000 });

/**
 * Either asks an endpoint: over HTTP, when it has a path, which must give the status and a body that
 * contains the text; else over TCP, by sending `send`, if anything. Or runs a command in a service,
 * which must end with 0 and print the text. Nothing of it is interpolated: a command finds what it
 * needs in the service's environment.
 */
const Probe = closed({
  endpoint: Type.Optional(DnsLabel),
  path: Type.Optional(Type.String({ pattern: '^/[^\\s]*$' })),
  expectStatus: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
  send: Type.Optional(Text),
  service: Type.Optional(DnsLabel),
  command: Type.Optional(Type.Array(Text, { minItems: 1, maxItems: 64 })),
  contains: Type.Optional(Text),
});
export type Probe = Static<typeof Probe>;

export const Tests = closed({ probe: Type.Array(Probe, { minItems: 1, maxItems: 16 }) });

/** @returns why it proves nothing, or undefined when it does */
export function faultOf(
  { endpoint, path, expectStatus, send, service, command, contains }: Probe,
  known: { readonly endpoints: readonly string[]; readonly services: readonly string[] },
): string | undefined {
  if ((endpoint === undefined) === (service === undefined)) {
    return 'must name an endpoint or a service, one of both';
  }
  if (service !== undefined) {
    if (!known.services.includes(service)) return `names "${service}", which is no service`;
    if (!command) return 'must say which command is run';
    return (path ?? send ?? expectStatus)
      ? 'runs a command: it has no path, status or send'
      : undefined;
  }
  if (!known.endpoints.includes(endpoint ?? '')) return `names "${endpoint}", which is no endpoint`;
  if (command) return 'asks an endpoint: it has no command';
  if (path !== undefined) {
    if (send !== undefined) return 'asks for a page: it has nothing to send';
    return expectStatus ? undefined : 'must say which status is expected';
  }
  if (expectStatus) return 'has a status, but no path';
  return contains ? undefined : 'must say what the answer contains';
}
