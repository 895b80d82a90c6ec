import { appSource } from './app-source.ts';
import { endpoint } from './endpoint.ts';
import { event } from './event.ts';
import { Operation } from './operations.ts';
import { Pools } from './pools.ts';
import { closed, DnsLabel, Id, Ipv4, oneOf, Port, type Static, Timestamp, Type } from './schema.ts';

/**
 * Why an app is not running. Codes are stable; `next` says what to do about it.
 */
export const Reason = Type.Object({
  code: oneOf(
    'image-not-found',
    'pull-failed',
    'port-taken',
    'address-missing',
    'engine-unavailable',
    'program-not-found',
    'exited',
    'unhealthy',
    'out-of-memory',
    'no-space',
    'policy-refused',
    'registry-busy',
    'hook-failed',
    'cancelled',
    'backup-running',
    'backup-failed',
    'target-unreachable',
    'wrong-password',
    'backup-damaged',
    'pool-unusable',
    'dump-failed',
    'load-failed',
    'failed',
  ),
  message: Type.String(),
  next: Type.String(),
});
export type Reason = Static<typeof Reason>;

export const AppState = oneOf(
  'pending',
  'pulling',
  'starting',
  'running',
  'failed',
  'stopping',
  'stopped',
  'destroying',
  'unknown',
);
export type AppState = Static<typeof AppState>;

export const App = Type.Object({
  id: Id,
  name: DnsLabel,
  store: DnsLabel,
  template: DnsLabel,
  version: Type.String(),
  network: Type.Union([DnsLabel, Type.Null()], { description: 'null: loopback only' }),
  engine: DnsLabel,
  state: AppState,
  reason: Type.Union([Reason, Type.Null()]),
  generation: Type.Integer({ minimum: 1 }),
  endpoints: Type.Array(
    Type.Object({
      name: DnsLabel,
      protocol: Type.String(),
      address: Ipv4,
      port: Port,
      url: Type.String({ description: 'e.g. http://10.42.0.2:8080 or redis://10.42.0.2:6379' }),
    }),
  ),
  domain: Type.Union(
    [
      Type.Object({
        name: Type.String({ description: 'e.g. wiki.home' }),
        problem: Type.Union([Type.String(), Type.Null()], {
          description: 'why the name leads elsewhere',
        }),
      }),
      Type.Null(),
    ],
    { description: 'the name of the app on its network; null: none, or not yet' },
  ),
  createdAt: Timestamp,
});
export type App = Static<typeof App>;

const Welcome = Type.Object({
  notes: Type.Union([Type.String(), Type.Null()], { description: 'Markdown' }),
  credentials: Type.Array(
    Type.Object({
      label: Type.String(),
      user: Type.Union([Type.String(), Type.Null()]),
      password: Type.Union([Type.String(), Type.Null()]),
    }),
    { description: 'as whom people sign in' },
  ),
  firstRun: Type.Union([Type.String(), Type.Null()], { description: 'the page to open first' }),
});

export const AppDetails = Type.Object({
  ...App.properties,
  services: Type.Array(
    Type.Object({
      name: DnsLabel,
      image: Type.String(),
      state: Type.String({
        description:
          "the engine's own word, e.g. running; absent: none; unknown: the engine is lost",
      }),
      health: Type.Union([Type.String(), Type.Null()]),
      drift: Type.Array(Type.String(), {
        description: 'how it differs from what is wanted, e.g. since somebody changed it by hand',
      }),
    }),
  ),
  parameters: Type.Record(Type.String(), Type.String(), {
    description: 'as deployed; sensitive ones are left out unless asked for',
  }),
  welcome: Type.Union([Welcome, Type.Null()], {
    description: 'what the template tells people of it; secrets are hidden unless asked for',
  }),
  grants: Type.Array(
    Type.Object({
      permission: Type.String(),
      reason: Type.String(),
      by: Type.String({ description: 'the administrator who granted it' }),
      at: Timestamp,
    }),
    { description: 'what it may beyond what every app may' },
  ),
});
export type AppDetails = Static<typeof AppDetails>;

export const params = closed({ app: DnsLabel });

const deployment = { ...appSource, pools: Type.Optional(Pools) };

export const deployApp = endpoint({
  method: 'post',
  path: '/v1/apps',
  summary:
    'Deploy an app from a template or a compose file; the same request again is a retry, not a second app',
  status: 202,
  body: closed(deployment),
  reply: Type.Object({ app: App, operation: Operation }),
});

export const listApps = endpoint({
  method: 'get',
  path: '/v1/apps',
  summary: 'List the apps of the project',
  status: 200,
  supervised: true,
  reply: Type.Object({ apps: Type.Array(App) }),
});

export const getApp = endpoint({
  method: 'get',
  path: '/v1/apps/:app',
  summary: 'Show one app, its services and its parameters',
  status: 200,
  supervised: true,
  params,
  query: closed({ secrets: Type.Boolean({ default: false }) }),
  reply: AppDetails,
});

export const destroyApp = endpoint({
  method: 'delete',
  path: '/v1/apps/:app',
  summary: 'Destroy an app; its volumes are kept unless asked',
  status: 202,
  supervised: true,
  params,
  query: closed({ volumes: Type.Boolean({ default: false }) }),
  reply: Type.Object({ operation: Operation }),
});

const changed = Type.Object({ app: App, operation: Operation });

export const startApp = endpoint({
  method: 'post',
  path: '/v1/apps/:app/start',
  summary: 'Start an app that was stopped',
  status: 202,
  supervised: true,
  params,
  reply: changed,
});

export const stopApp = endpoint({
  method: 'post',
  path: '/v1/apps/:app/stop',
  summary: 'Stop an app; nothing of it is removed',
  status: 202,
  supervised: true,
  params,
  reply: changed,
});

export const restartApp = endpoint({
  method: 'post',
  path: '/v1/apps/:app/restart',
  summary: 'Stop and start all containers of an app',
  status: 202,
  supervised: true,
  params,
  reply: changed,
});

export const Change = closed({
  /** Of an app that was made of a file: as it is to be from now on. */
  compose: appSource.compose,
  files: appSource.files,
  /** Beside those that the app has. */
  grants: appSource.grants,
  parameters: Type.Record(
    Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$' }),
    Type.String({ maxLength: 65536 }),
    {
      default: {},
      maxProperties: 128,
      additionalProperties: false,
      description: 'those that change; the others stay as they are',
    },
  ),
  version: Type.Optional(
    Type.String({ maxLength: 200, description: 'of the template, to be sure of it' }),
  ),
});

export const updateApp = endpoint({
  method: 'patch',
  path: '/v1/apps/:app',
  summary: 'Bring an app to its template as it is now, with other parameters if given',
  status: 202,
  params,
  body: Change,
  reply: changed,
});

export const rollbackApp = endpoint({
  method: 'post',
  path: '/v1/apps/:app/rollback',
  summary: 'Bring an app back to an earlier generation',
  status: 202,
  params,
  body: closed({
    generation: Type.Optional(
      Type.Integer({ minimum: 1, description: 'the good one before this when left out' }),
    ),
  }),
  reply: changed,
});

export const cancelApp = endpoint({
  method: 'post',
  path: '/v1/apps/:app/cancel',
  summary: 'Break off a change: back to the last good generation; a first deployment is stopped',
  status: 202,
  supervised: true,
  params,
  reply: Type.Object({ app: App }),
});

/** When it became so: events of two kinds may overtake each other. */
const at = Type.Optional(Timestamp);

export const AppRunning = event(
  'apps.app.running',
  Type.Object({
    appId: Id,
    projectId: Id,
    networkId: Type.Union([Id, Type.Null()]),
    name: DnsLabel,
    address: Ipv4,
    at,
  }),
);

export const AppDestroyed = event(
  'apps.app.destroyed',
  Type.Object({
    appId: Id,
    projectId: Id,
    networkId: Type.Optional(Type.Union([Id, Type.Null()])),
    name: DnsLabel,
    at,
  }),
);
