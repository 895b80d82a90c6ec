/**
 * An app as it should run: a compose file after interpolation and normalisation. The engine's
 * payloads are built from this and from nothing else, so what is not said here cannot be asked for.
 */

export interface RenderedApp {
  /** At least one; names are unique DNS labels. */
  readonly services: readonly Service[];
  /** Names of the named volumes, each used by a service. */
  readonly volumes: readonly string[];
  readonly endpoints: readonly Endpoint[];
}

export interface Service {
  readonly name: string;
  readonly image: string;
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly ports: readonly Port[];
  /** Acyclic over the whole app. */
  readonly dependsOn: readonly Dependency[];
  readonly healthcheck: Healthcheck | null;
  readonly restart: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  readonly user: string | null;
  readonly workingDir: string | null;
  readonly hostname: string | null;
  /** Other names under which the app's own network knows it. */
  readonly aliases: readonly string[];
  readonly init: boolean;
  readonly readOnly: boolean;
  readonly capAdd: readonly string[];
  readonly shmSizeBytes: number | null;
  readonly stopGraceSeconds: number;
  readonly stopSignal: string | null;
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  readonly pids: number | null;
}

export type Mount =
  | {
      readonly kind: 'volume';
      readonly volume: string;
      readonly target: string;
      readonly readOnly: boolean;
    }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly sizeBytes: number };

export interface Port {
  /** Inside the container. */
  readonly target: number;
  readonly protocol: 'tcp' | 'udp';
  /** The host port that is wanted. */
  readonly published: number;
  /** Whether a person asked for just this port: then a taken one is refused, else the next is used. */
  readonly fixed: boolean;
}

export interface Dependency {
  readonly service: string;
  readonly condition: 'started' | 'healthy' | 'completed';
}

/** Times in milliseconds. */
export interface Healthcheck {
  /** As Docker takes it: `['CMD', …]`, `['CMD-SHELL', line]`, or `['NONE']` to have no check at all. */
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly retries: number;
}

/** A published port by name, so that people get an address to open. */
export interface Endpoint {
  readonly name: string;
  readonly service: string;
  /** The port inside the container; the service publishes it. */
  readonly port: number;
  /** Scheme of the address that people are shown, e.g. `http`, `redis`. */
  readonly scheme: string;
  readonly path: string;
}
