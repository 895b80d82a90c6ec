/**
 * The part of the compose specification that cep runs, after interpolation. Whatever is not here is
 * an error that names the key: a key that were ignored would run another app than the one written.
 */
import { checker } from '@cep/contracts/check';
import { closed, oneOf, type Static, type TSchema, Type } from '@cep/contracts/schema';

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

const Text = Type.String({ pattern: '^[^\\u0000]*$', description: 'text without NUL' });
const Word = Type.String({ minLength: 1 });
const OptionalText = Type.Unsafe<string | null>({ type: 'string', nullable: true });
const Path = Type.String({
  pattern: '^/[^\\u0000:]*$',
  description: 'an absolute path inside the container',
});
const PortNumber = Type.Integer({ minimum: 1, maximum: 65535 });
const Positive = Type.Number({ exclusiveMinimum: 0 });
const Whole = Type.Integer({ minimum: 1 });

const Line = either('string', Text, Type.Array(Text));
const Healthcheck = extensible({
  test: Type.Optional(Line),
  interval: Type.Optional(Word),
  timeout: Type.Optional(Word),
  start_period: Type.Optional(Word),
  retries: Type.Optional(Whole),
  disable: Type.Optional(Type.Boolean()),
});

const LongVolume = extensible({
  type: oneOf('volume', 'tmpfs'),
  source: Type.Optional(Word),
  target: Path,
  read_only: Type.Optional(Type.Boolean()),
  tmpfs: Type.Optional(extensible({ size: Type.Optional(Word) })),
});
const LongPort = extensible({
  target: PortNumber,
  published: Type.Optional(Word),
  protocol: Type.Optional(oneOf('tcp', 'udp')),
  name: Type.Optional(Word),
});

const Dependency = extensible({
  condition: oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
});
const DependsOn = either('array', Type.Array(Word), mapOf(Dependency));
const Environment = either('array', Type.Array(Word), mapOf(OptionalText));

const Limits = extensible({
  cpus: Type.Optional(Positive),
  memory: Type.Optional(Word),
  pids: Type.Optional(Whole),
});
const Deploy = extensible({
  resources: Type.Optional(extensible({ limits: Type.Optional(Limits) })),
});

const ComposeService = extensible({
  image: Type.String({ pattern: '^[^\\s]+$', description: 'the name of an image' }),
  entrypoint: Type.Optional(Line),
  command: Type.Optional(Line),
  environment: Type.Optional(Environment),
  volumes: Type.Optional(Type.Array(either('string', Word, LongVolume))),
  tmpfs: Type.Optional(either('string', Word, Type.Array(Word))),
  ports: Type.Optional(Type.Array(either('string', Word, LongPort))),
  expose: Type.Optional(Type.Array(Word)),
  depends_on: Type.Optional(DependsOn),
  links: Type.Optional(Type.Array(Word)),
  healthcheck: Type.Optional(Healthcheck),
  restart: Type.Optional(oneOf('no', 'false', 'always', 'on-failure', 'unless-stopped')),
  container_name: Type.Optional(Word),
  hostname: Type.Optional(Word),
  user: Type.Optional(Word),
  working_dir: Type.Optional(Path),
  stop_grace_period: Type.Optional(Word),
  stop_signal: Type.Optional(Word),
  init: Type.Optional(Type.Boolean()),
  read_only: Type.Optional(Type.Boolean()),
  shm_size: Type.Optional(Word),
  cap_add: Type.Optional(Type.Array(Word)),
  mem_limit: Type.Optional(Word),
  cpus: Type.Optional(Positive),
  pids_limit: Type.Optional(Whole),
  deploy: Type.Optional(Deploy),
});
export type ComposeService = Static<typeof ComposeService>;

const Compose = extensible({
  name: Type.Optional(Type.String()),
  services: mapOf(ComposeService, { minProperties: 1, maxProperties: 64 }),
  volumes: Type.Optional(mapOf(Type.Unsafe<object | null>({ ...extensible({}), nullable: true }))),
});

/**
 * Checks an interpolated document and turns its text into numbers and booleans where it is to be so.
 *
 * @throws {Problem} `invalid-request` that names the path and the key
 */
export const checkCompose = checker(Compose, 'compose', 'scalars');
