/** A host in words, for people. Pure. */
import type { Host } from '@cep/contracts/hosts';
import { card } from '../table.ts';

export function describeHost(host: Host): string {
  const { agent, certificate } = host;
  const facts = card({
    Name: host.name,
    Network: host.network,
    Address: host.address,
    'IPv6 address': host.address6,
    'Reached as': `${host.name}.${host.network}`,
    State: host.state,
    Serves: roles(host) || 'nobody',
    Reached: host.publicAddress && `${host.publicAddress} port ${host.port}`,
    Port: host.publicAddress === null && host.port !== null ? String(host.port) : undefined,
    Groups: host.groups.join(' '),
    Connected: presence(host),
    'Last seen': agent.lastSeenAt,
    Configuration: runs(host),
    Nebula: agent.nebulaVersion,
    Agent: agent.agentVersion,
    Certificate: certificate?.fingerprint,
    'Certificate versions': certificate?.versions.join(' and '),
    'Certificate expires': certificate?.expiresAt,
    Created: host.createdAt,
  });
  return [facts, ...host.warnings.map((warning) => `Warning: ${warning}`)].join('\n');
}

export const roles = ({ lighthouse, relay }: Host): string =>
  [lighthouse && 'lighthouse', relay && 'relay'].filter(Boolean).join(', ');

/** Empty for a host that nobody could connect as. */
export function presence({ state, live, agent }: Host): string {
  if (state !== 'enrolled') return '';
  if (!live) return 'not live';
  return agent.connected ? 'yes' : 'no';
}

/** e.g. `version 7, the newest`. */
function runs({ agent, bundleVersion }: Host): string | undefined {
  if (agent.bundleVersion === null) return undefined;
  const isNewest = agent.bundleVersion >= bundleVersion;
  const rest = isNewest ? 'the newest' : `the newest is ${bundleVersion}`;
  return `version ${agent.bundleVersion}, ${rest}`;
}
