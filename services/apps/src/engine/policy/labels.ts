import { LABELS } from '../labels.ts';
import { type Check, first, isObject, isText, record, refuse, value } from './judge.ts';

const OWN: ReadonlySet<string> = new Set(Object.values(LABELS));

/** By these docker compose takes an app for one of its own. */
const COMPOSE: ReadonlySet<string> = new Set(
  [
    'config-hash',
    'container-number',
    'network',
    'oneoff',
    'project',
    'project.config_files',
    'project.working_dir',
    'service',
    'version',
    'volume',
  ].map((name) => `com.docker.compose.${name}`),
);

/** Programs that watch Docker take orders from labels: to route, to update, to run commands. */
const ORDERS =
  /^(cep|com\.docker|io\.docker|docker|org\.dockerproject|traefik|caddy|nginx|haproxy|ofelia|deunhealth|autoheal|swarm|cronicle|chadburn|watchtower|com\.centurylinklabs|com\.github\.nginx-proxy|com\.github\.jrcs|io\.portainer|io\.podman|io\.balena|io\.rancher|io\.kubernetes|kuma|sablier|lazytainer|tsdproxy|tailscale|cloudflare|coolify|dokploy|wud|diun|dockge|backup|docker-volume-backup|socket-proxy|falco|crowdsec)([._/-]|$)/i;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,127}$/;

/** Whether an app may label its containers so. */
export const isFreeLabel = (name: string): boolean => NAME.test(name) && !ORDERS.test(name);

const ours =
  (isFree: (name: string) => boolean): Check =>
  (given, scope, path) => {
    if (!isObject(given)) return refuse('labels', path, 'must be an object');
    const known: Readonly<Record<string, string>> = {
      [LABELS.instance]: scope.instance,
      [LABELS.app]: scope.appId,
      'com.docker.compose.project': scope.network,
    };
    const forged = Object.entries(known).find(([name, label]) => given[name] !== label);
    if (forged) return refuse('labels', `${path}.${forged[0]}`, 'must name the app it is for');
    return first(Object.entries(given), ([name, label]) => {
      if (!isText(label)) return refuse('labels', `${path}.${name}`, 'must be text');
      const isAllowed = OWN.has(name) || COMPOSE.has(name) || isFree(name);
      return isAllowed ? undefined : refuse('labels', `${path}.${name}`, 'is not allowed');
    });
  };

export const containerLabels = ours(isFreeLabel);
/** Networks and volumes carry nothing of the app's own choosing. */
export const thingLabels = ours(() => false);

/**
 * Runtimes take orders from annotations with dotted names: systemd properties, seccomp, hooks. So
 * only plain words and what describes an image pass.
 */
export const isFreeAnnotation = (name: string): boolean =>
  /^([A-Za-z0-9][A-Za-z0-9_-]{0,62}|org\.opencontainers\.image\.[a-z.]{1,60})$/.test(name);

export const annotations = record('labels', isFreeAnnotation, value('labels', isText, 'text'));
