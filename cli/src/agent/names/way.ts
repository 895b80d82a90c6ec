/** How names of a network get into the resolver of this machine. Pure. */
import { type Owner, whyNot } from './resolv-conf.ts';

export interface Found {
  /** The file's text; nothing where there is no such file. */
  readonly text: string | undefined;
  /** Where the file leads, if it is a link. */
  readonly link: string | undefined;
  /** Whether systemd-resolved runs, and can be told. */
  readonly resolved: boolean;
  /** Whether the network of this process is that of the machine; the file is the machine's. */
  readonly ownNetwork: boolean;
}

export type Way =
  | { readonly by: 'systemd-resolved' | 'resolv.conf' }
  | { readonly by: null; readonly because: string };

/** The addresses at which systemd-resolved answers, with and without its own say. */
const STUB = /^nameserver\s+127\.0\.0\.5[34]\s*$/m;

export function wayOf({ text, link, resolved, ownNetwork }: Found, owner: Owner): Way {
  const leave = (because: string): Way => ({ by: null, because });
  if (!ownNetwork)
    return leave('this is a network namespace, and the resolver that of the whole machine');
  if (resolved && (link?.includes('systemd/resolve/') || STUB.test(text ?? '')))
    return { by: 'systemd-resolved' };
  if (link !== undefined) return leave(`/etc/resolv.conf is a link to ${link}, which others keep`);
  if (text === undefined) return leave('there is no /etc/resolv.conf');
  const why = whyNot(text, owner);
  return why === undefined ? { by: 'resolv.conf' } : leave(`/etc/resolv.conf ${why}`);
}
