/** The apps of every project, for administrators. */
import { App } from './apps.ts';
import { endpoint } from './endpoint.ts';
import { closed, DNS_LABEL, DnsLabel, type Static, Type } from './schema.ts';

export const AppOfProject = Type.Object({
  ...App.properties,
  project: Type.Union([DnsLabel, Type.Null()], { description: 'null: not known yet' }),
  deployedBy: Type.Union([DnsLabel, Type.Null()], { description: 'who deployed it first' }),
});
export type AppOfProject = Static<typeof AppOfProject>;

const Place = Type.String({
  pattern: `^[0-9a-f-]{36}/${DNS_LABEL}$`,
  description: 'where a list goes on',
});

export const listAllApps = endpoint({
  method: 'get',
  path: '/v1/all-apps',
  summary: 'List the apps of every project, on every engine; administrators only',
  status: 200,
  query: closed({
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
    after: Type.Optional(Place),
  }),
  reply: Type.Object({
    apps: Type.Array(AppOfProject),
    next: Type.Union([Place, Type.Null()], {
      description: 'give it as `after` for those that follow; null: there are none',
    }),
  }),
});
