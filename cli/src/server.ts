import { failure, wrongUsage } from './failure.ts';
import type { Known, Profile } from './profile.ts';

/** Where a command's requests go, and as whom. */
export interface Target extends Known {
  readonly url: URL;
}

interface Wishes {
  /** From `--server` or `CEP_SERVER`. */
  readonly server?: string | undefined;
  /** From `CEP_TOKEN`. */
  readonly token?: string | undefined;
}

/**
 * @returns nothing when no server is named and the profile knows none
 * @throws {CLIError} when the server's address is none, or would send a token in clear
 */
export function targetOf(profile: Profile, { server, token }: Wishes): Target | undefined {
  const named = server ?? profile.server;
  if (named === undefined) return undefined;
  const url = parseServer(named);
  return { ...profile.servers[url.origin], ...(token && { token }), url };
}

/** `cloud.example` and `localhost:8443` are https; http is for this machine alone. */
export function parseServer(text: string): URL {
  const url = URL.parse(/^https?:\/\//.test(text) ? text : `https://${text}`);
  if (!url)
    throw wrongUsage(`"${text}" is not the address of a server: try https://localhost:8443.`);
  if (url.protocol === 'http:' && !isThisMachine(url)) {
    throw failure(`${url.origin} is not encrypted: use https://, or http:// on this machine only.`);
  }
  return url;
}

export const isThisMachine = ({ hostname }: URL): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
