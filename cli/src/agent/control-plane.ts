/** What the agent says to the control plane, and hears from it. */
import {
  type AgentReport,
  followBundles,
  renewCertificate,
  reportAgent,
} from '@cep/contracts/agents';
import { type Client, createClient } from '@cep/http/client';
import type { ServerAddress } from './enrolment.ts';
import type { HostFolder } from './host-folder.ts';
import { hostToken } from './host-token.ts';
import { signingKey } from './keys.ts';

/** Three heartbeats of a stream. */
const STREAM_SILENCE_MS = 45_000;
const CALL_SILENCE_MS = 15_000;

export interface ControlPlane {
  /** Bundles that are newer than version `have`, as they come. */
  bundles(have: number): Promise<AsyncIterable<{ readonly bundle: string }>>;
  report(report: AgentReport): Promise<void>;
  /** @returns the bundle with the certificate */
  renew(tunnelKey: string): Promise<string>;
}

/**
 * @param stop  aborted: what is under way is cut off
 * @returns calls that throw {@link Problem}s: `unavailable`, `wrong-clock`, `host-revoked`, …
 */
export function controlPlaneOf(
  folder: HostFolder,
  { server, hostId }: { readonly server: ServerAddress; readonly hostId: string },
  stop: AbortSignal,
): ControlPlane {
  const params = { network: folder.network, host: folder.host };
  const client = async (silenceMs: number): Promise<Client> =>
    createClient({
      url: new URL(server.url),
      token: await hostToken(hostId, signingKey(folder.path)),
      ...(server.certificate && { pinned: server.certificate }),
      ...{ signal: stop, silenceMs },
    });
  return {
    async bundles(have) {
      return (await client(STREAM_SILENCE_MS)).stream(followBundles, { params, query: { have } });
    },
    async report(body) {
      await (await client(CALL_SILENCE_MS)).call(reportAgent, { params, body });
    },
    async renew(tunnelKey) {
      const request = { params, body: { tunnelKey } };
      return (await (await client(CALL_SILENCE_MS)).call(renewCertificate, request)).bundle;
    },
  };
}
