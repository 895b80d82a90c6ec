/**
 * An app as it should run: a compose file after interpolation and normalisation. The engine's
 * payloads are built from this and from nothing else, so what is not said here cannot be asked for.
 * It is kept with the generation: what is added later is optional, and absent means as before.
 */

export interface RenderedApp {
  /** At least one; names are unique DNS labels. */
  readonly services: readonly Service[];
  /** Names of the named volumes, each used by a service. */
  readonly volumes: readonly string[];
  /** By volume; absent: whose it is when it is made, the engine and the image decide. */
  readonly owners?: Readonly<Record<string, Owner>>;
  readonly endpoints: readonly Endpoint[];
  /** Absent: none of its services needs one. */
  readonly front?: Front;
  /** Milliseconds for which, after an update, a container without health check must stay up. */
  readonly observe?: number;
  readonly hooks?: readonly Hook[];
  /** The app's network reaches nothing outside; then no port is published. */
  readonly internal?: true;
  readonly welcome?: Welcome;
  /** What runs otherwise than a reader of the file may think, one sentence each. */
  readonly notes?: readonly string[];
}

/** What people are told of an app; secrets and addresses stand in it by placeholders. */
export interface Welcome {
  /** Markdown. */
  readonly notes: string | null;
  readonly credentials: readonly {
    readonly label: string;
    readonly user: string | null;
    readonly password: string | null;
  }[];
  /** The URL of the page to open first. */
  readonly firstRun: string | null;
}

/** A program of the app's own that is run once for a generation, in the container of a service. */
export interface Hook {
  readonly phase: 'postInstall' | 'preUpdate' | 'postUpdate' | 'preDestroy';
  readonly service: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
  /** Whether the generation fails with it. */
  readonly isVital: boolean;
}

/** To whom a volume belongs when it is new. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
  /** e.g. 0o755. */
  readonly mode: number;
}

/** What holds the ports of services that are replaced start-first (front/front.ts). */
export interface Front {
  readonly image: string;
  /** Milliseconds that connections to a container which is replaced have to end. */
  readonly drain: number;
}

export interface Service extends ProcessOptions, IsolationOptions, NetworkOptions {
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

interface ProcessOptions {
  /** How often `on-failure` tries; absent: without end. */
  readonly restartLimit?: number;
  readonly tty?: true;
  readonly stdinOpen?: true;
  readonly groupAdd?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly logging?: Logging;
  /** Written into the container before it starts. */
  readonly files?: readonly File[];
  /** Absent: an image is pulled when it is not here. */
  readonly pullPolicy?: 'always' | 'never';
  /** Absent: whatever the reconciler finds best. */
  readonly updateOrder?: 'start-first' | 'stop-first';
  /** The app does not fail with it. */
  readonly optional?: true;
  readonly role?: 'web' | 'worker' | 'database' | 'cache' | 'job' | 'migration';
}

interface IsolationOptions {
  /** What is taken from the default set; `ALL` is all of it. */
  readonly capDrop?: readonly string[];
  readonly privileged?: true;
  readonly devices?: readonly Device[];
  readonly gpus?: Gpus;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly ulimits?: readonly Ulimit[];
  /** Of another service, whose processes or shared memory it then sees. */
  readonly pidOf?: string;
  readonly ipcOf?: string;
  /** Another service has `ipcOf` this one. */
  readonly sharesIpc?: true;
  readonly memoryReservationBytes?: number;
  /** From 2 to 262144; absent is 1024. */
  readonly cpuShares?: number;
}

interface NetworkOptions {
  /** Absent: the app's own network. */
  readonly network?: 'none' | 'host' | { readonly of: string };
  readonly domainname?: string;
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  /** Each NAME:ADDRESS. */
  readonly extraHosts?: readonly string[];
}

export type Mount =
  | {
      readonly kind: 'volume';
      readonly volume: string;
      readonly target: string;
      readonly readOnly: boolean;
      /** What the image has at the target does not go into a new volume. */
      readonly noCopy?: true;
    }
  | {
      readonly kind: 'tmpfs';
      readonly target: string;
      readonly sizeBytes: number;
      readonly mode?: number;
    }
  /** A path of the machine: by permission alone. */
  | {
      readonly kind: 'host';
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
    };

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
  /** Probes while it starts; absent: cep chooses. */
  readonly startInterval?: number;
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

export interface File {
  /** Absolute, and below no mount but a volume. */
  readonly target: string;
  readonly content: string;
  /** e.g. 0o444. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface Device {
  readonly source: string;
  readonly target: string;
  /** Of r, w and m. */
  readonly access: string;
}

export interface Gpus {
  /** -1: all. */
  readonly count: number;
  readonly ids: readonly string[];
  readonly driver: string;
  readonly capabilities: readonly string[];
}

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export type Logging =
  | {
      readonly driver: 'json-file' | 'local';
      readonly maxSize?: string;
      readonly maxFiles?: number;
    }
  | { readonly driver: 'none' };
