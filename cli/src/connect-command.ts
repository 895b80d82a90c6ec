import { networkInterfaces } from 'node:os';
import type { Enrolment } from '@cep/contracts/hosts';
import { fingerprintOf } from './certificate.ts';
import type { Target } from './server.ts';

/** The command that makes another machine this host, ready to paste there. */
export function connectCommand(
  { network, host }: { readonly network: string; readonly host: string },
  { url, certificate }: Pick<Target, 'url' | 'certificate'>,
  { code }: Pick<Enrolment, 'code'>,
): string {
  const pin = certificate ? ` --pin ${fingerprintOf(certificate)}` : '';
  const server = seenFromElsewhere(url, networkInterfaces());
  return `sudo cep host connect ${network} ${host} --server ${server}${pin} --code ${code} --detach`;
}

/** Interfaces that lead to no other machine, or only through what is being joined. */
const INNER = /^(lo|docker|br-|veth|nebula|lxdbr|virbr)/;

/**
 * `https://localhost:8443` means another machine over there: in its place the first address of this
 * one that others can use. The certificate is pinned, so no name needs to match.
 */
export function seenFromElsewhere(
  url: URL,
  interfaces: ReturnType<typeof networkInterfaces>,
): string {
  if (!/^(localhost|127\.|\[::1\])/.test(url.hostname)) return url.origin;
  const addresses = Object.entries(interfaces)
    .filter(([name]) => !INNER.test(name))
    .flatMap(([, all]) => all ?? []);
  const address = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  return address === undefined ? url.origin : `${url.protocol}//${address}:${url.port}`;
}
