/** Networks of one engine. */
import type Docker from 'dockerode';
import { enforce, unless } from './answers.ts';
import type { Ours } from './ours.ts';
import { networkPayload } from './payload.ts';
import { judgeNetwork, type Scope } from './policy.ts';

export interface Networks {
  /** Those of an app, by name. */
  networks(appId: string): Promise<string[]>;
  createNetwork(labels: Readonly<Record<string, string>>, scope: Scope): Promise<void>;
  removeNetwork(name: string): Promise<void>;
}

export const networksOf = (docker: Docker, ours: Ours): Networks => ({
  async networks(appId) {
    return (await docker.listNetworks({ filters: ours.app(appId) })).map(({ Name }) => Name);
  },
  async createNetwork(labels, scope) {
    const payload = networkPayload(labels, scope);
    enforce(judgeNetwork(payload, scope));
    await docker.createNetwork({ ...payload, CheckDuplicate: true }).catch(unless(409));
  },
  removeNetwork: (name) => docker.getNetwork(name).remove().catch(unless(404)),
});
