/**
 * The part of the compose specification that cep runs, after interpolation. Whatever is not here is
 * an error that names the key: a key that were ignored would run another app than the one written.
 */
import { checker } from '@cep/contracts/check';
import { closed, oneOf, type Static, type TSchema, Type } from '@cep/contracts/schema';
import { assertNotOutside } from './outside.ts';

/** Chooses by JSON type instead of trying each form, so that errors speak of the form that was meant. */
const either = <A extends TSchema, B extends TSchema>(test: 'string' | 'array', a: A, b: B) =>
  Type.Unsafe<Static<A> | Static<B>>({ if: { type: test }, then: a, else: b });

const NAME_OF_EXTENSION = '^x-(?!cep$)';

/** As `closed`, and open for `x-` keys, which say nothing to an engine. */
const extensible = <P extends Parameters<typeof closed>[0]>(properties: P) =>
  Type.Unsafe<Static<ReturnType<typeof closed<P>>>>({
    ...closed(properties),
    patternProperties: { [NAME_OF_EXTENSION]: {} },
  });

/** Any key, each with the same kind of value; keys are checked where they mean something. */
const mapOf = <V extends TSchema>(value: V, options: object = {}) =>
  Type.Unsafe<Record<string, Static<V>>>({
    type: 'object',
    additionalProperties: value,
    ...options,
  });

const nullable = <S extends TSchema>(schema: S) =>
  Type.Unsafe<Static<S> | null>({ ...schema, nullable: true });

const Text = Type.String({ pattern: '^[^\\u0000]*$', description: 'text without NUL' });
const Word = Type.String({ minLength: 1 });
const OptionalText = nullable(Type.String());
const Path = Type.String({
  pattern: '^/[^\\u0000:]*$',
  description: 'an absolute path inside the container',
});
const PortNumber = Type.Integer({ minimum: 1, maximum: 65535 });
const Positive = Type.Number({ exclusiveMinimum: 0 });
const Whole = Type.Integer({ minimum: 1 });
const Count = Type.Integer({ minimum: 0 });
const Flag = Type.Boolean({ description: 'write true or false' });
const Words = Type.Array(Word);
const optional = Type.Optional;

const Line = either('string', Text, Type.Array(Text));
const WordOrWords = either('string', Word, Words);
const ListOrMap = either('array', Words, mapOf(OptionalText));

const Healthcheck = extensible({
  test: optional(Line),
  interval: optional(Word),
  timeout: optional(Word),
  start_period: optional(Word),
  start_interval: optional(Word),
  retries: optional(Whole),
  disable: optional(Flag),
});

const LongVolume = extensible({
  type: oneOf('volume', 'tmpfs', 'bind'),
  source: optional(Word),
  target: Path,
  read_only: optional(Flag),
  volume: optional(extensible({ nocopy: optional(Flag) })),
  bind: optional(extensible({ create_host_path: optional(Flag) })),
  tmpfs: optional(extensible({ size: optional(Word), mode: optional(Word) })),
});
const LongPort = extensible({
  target: PortNumber,
  published: optional(Word),
  protocol: optional(oneOf('tcp', 'udp')),
  mode: optional(oneOf('host', 'ingress')),
  app_protocol: optional(Word),
  name: optional(Word),
});

const Dependency = extensible({
  condition: optional(
    oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
  ),
  required: optional(Flag),
  restart: optional(Flag),
});

const ServiceNetwork = extensible({ aliases: optional(Words), priority: optional(Count) });
const LongFile = extensible({
  source: Word,
  target: optional(Word),
  uid: optional(Word),
  gid: optional(Word),
  mode: optional(Word),
});
const LongEnvFile = extensible({ path: Word, required: optional(Flag) });

const Limits = extensible({
  cpus: optional(Positive),
  memory: optional(Word),
  pids: optional(Whole),
});
const Gpu = extensible({
  capabilities: Words,
  driver: optional(Word),
  count: optional(Word),
  device_ids: optional(Words),
});
const Reservations = extensible({
  cpus: optional(Positive),
  memory: optional(Word),
  devices: optional(Type.Array(Gpu, { maxItems: 1 })),
});
const UpdateConfig = extensible({
  order: optional(oneOf('start-first', 'stop-first')),
  parallelism: optional(Count),
  delay: optional(Word),
  monitor: optional(Word),
  failure_action: optional(oneOf('continue', 'rollback', 'pause')),
  max_failure_ratio: optional(Type.Number()),
});
const Deploy = extensible({
  resources: optional(
    extensible({ limits: optional(Limits), reservations: optional(Reservations) }),
  ),
  replicas: optional(Count),
  mode: optional(oneOf('replicated', 'global')),
  restart_policy: optional(
    extensible({
      condition: optional(oneOf('none', 'on-failure', 'any')),
      max_attempts: optional(Whole),
      delay: optional(Word),
      window: optional(Word),
    }),
  ),
  update_config: optional(UpdateConfig),
  placement: optional(extensible({ constraints: optional(Words) })),
});

const Logging = extensible({
  driver: optional(oneOf('json-file', 'local', 'none')),
  options: optional(
    extensible({
      'max-size': optional(Word),
      'max-file': optional(Type.Integer({ minimum: 1, maximum: 20 })),
    }),
  ),
});

const Ulimit = either('string', Word, extensible({ soft: Word, hard: Word }));

/** What a service says to cep alone. */
const ServiceXCep = closed({
  optional: optional(Flag),
  role: optional(oneOf('web', 'worker', 'database', 'cache', 'job', 'migration')),
  update: optional(closed({ strategy: oneOf('auto', 'start-first', 'stop-first') })),
  injectedHealth: optional(Flag),
  docs: optional(mapOf(mapOf(Type.String({ maxLength: 1000 })))),
});

const ComposeService = extensible({
  image: Type.String({ pattern: '^[^\\s]+$', description: 'the name of an image' }),
  entrypoint: optional(Line),
  command: optional(Line),
  environment: optional(ListOrMap),
  env_file: optional(either('string', Word, Type.Array(either('string', Word, LongEnvFile)))),
  volumes: optional(Type.Array(either('string', Word, LongVolume))),
  tmpfs: optional(WordOrWords),
  ports: optional(Type.Array(either('string', Word, LongPort))),
  expose: optional(Words),
  networks: optional(either('array', Words, mapOf(nullable(ServiceNetwork)))),
  network_mode: optional(Word),
  depends_on: optional(either('array', Words, mapOf(Dependency))),
  links: optional(Words),
  healthcheck: optional(Healthcheck),
  restart: optional(
    Type.String({
      pattern: '^(no|false|always|on-failure(:[1-9]\\d{0,4})?|unless-stopped)$',
      description: 'no, always, unless-stopped, on-failure or on-failure:TIMES',
    }),
  ),
  container_name: optional(Word),
  hostname: optional(Word),
  domainname: optional(Word),
  labels: optional(ListOrMap),
  annotations: optional(ListOrMap),
  user: optional(Word),
  group_add: optional(Words),
  working_dir: optional(Path),
  stop_grace_period: optional(Word),
  stop_signal: optional(Word),
  init: optional(Flag),
  tty: optional(Flag),
  stdin_open: optional(Flag),
  read_only: optional(Flag),
  shm_size: optional(Word),
  ulimits: optional(mapOf(Ulimit)),
  cap_add: optional(Words),
  cap_drop: optional(Words),
  security_opt: optional(Words),
  privileged: optional(Flag),
  devices: optional(Words),
  sysctls: optional(ListOrMap),
  pid: optional(Word),
  ipc: optional(Word),
  dns: optional(WordOrWords),
  dns_search: optional(WordOrWords),
  dns_opt: optional(Words),
  extra_hosts: optional(either('array', Words, mapOf(Word))),
  logging: optional(Logging),
  platform: optional(Word),
  pull_policy: optional(oneOf('missing', 'if_not_present', 'always', 'never')),
  mem_limit: optional(Word),
  mem_reservation: optional(Word),
  cpus: optional(Positive),
  cpu_shares: optional(Type.Integer({ minimum: 2, maximum: 262_144 })),
  pids_limit: optional(Whole),
  configs: optional(Type.Array(either('string', Word, LongFile))),
  secrets: optional(Type.Array(either('string', Word, LongFile))),
  profiles: optional(Words),
  deploy: optional(Deploy),
  'x-cep': optional(ServiceXCep),
});
export type ComposeService = Static<typeof ComposeService>;

const Labelled = { name: optional(Word), labels: optional(ListOrMap) };
const TopVolume = extensible({ ...Labelled, driver: optional(oneOf('local')) });
const TopNetwork = extensible({
  ...Labelled,
  driver: optional(oneOf('bridge')),
  internal: optional(Flag),
  attachable: optional(Flag),
});
const TopFile = extensible({
  ...Labelled,
  file: optional(Word),
  content: optional(Text),
  environment: optional(Word),
});

const Compose = extensible({
  version: optional(Type.String({ description: 'of no meaning since compose 2' })),
  name: optional(Type.String()),
  services: mapOf(ComposeService, { minProperties: 1, maxProperties: 64 }),
  volumes: optional(mapOf(nullable(TopVolume))),
  networks: optional(mapOf(nullable(TopNetwork))),
  configs: optional(mapOf(TopFile)),
  secrets: optional(mapOf(TopFile)),
});
export type Compose = Static<typeof Compose>;

const check = checker(Compose, 'compose', 'scalars');

/**
 * Checks an interpolated document and turns its text into numbers and booleans where it is to be so.
 *
 * @throws {Problem} `invalid-request` that names the path and the key, and the key that was meant or
 *   what to do instead
 */
export function checkCompose(document: unknown): Compose {
  assertNotOutside(document);
  return check(document);
}
