/** An app in words, for people. Pure. */
import type { AppDetails } from '@cep/contracts/apps';
import { printable } from '../printable.ts';
import { card, table } from '../table.ts';

export function describeApp(app: AppDetails): string {
  const parts = [
    card({
      Name: app.name,
      App: `${app.template} ${app.version} (${app.store})`,
      State: app.state,
      Why: app.reason?.message,
      'What to do': app.reason?.next,
      Engine: app.engine,
      Network: app.network ?? 'none: the engine’s machine only',
      Generation: String(app.generation),
      'Reached as': app.domain?.problem === null ? app.domain.name : undefined,
      'No name': app.domain?.problem,
      'Open first': app.welcome?.firstRun,
      Created: app.createdAt,
    }),
    section(app.endpoints, { ENDPOINT: ({ name }) => name, ADDRESS: ({ url }) => url }),
    section(app.services, {
      SERVICE: ({ name }) => name,
      STATE: ({ state, health }) => (health ? `${state}, ${health}` : state),
      IMAGE: ({ image }) => image,
    }),
    section(
      app.services.flatMap(({ name, drift }) => drift.map((what) => ({ name, what }))),
      { DRIFT: ({ name }) => name, WHAT: ({ what }) => `${what}; cep is putting it right` },
    ),
    section(Object.entries(app.parameters), {
      PARAMETER: ([name]) => name,
      VALUE: ([, value]) => oneLine(value),
    }),
    section(app.welcome?.credentials ?? [], {
      'SIGN IN': ({ label }) => label,
      USER: ({ user }) => user ?? '',
      PASSWORD: ({ password }) => password ?? '',
    }),
    section(app.grants, {
      GRANTED: ({ permission }) => permission,
      BY: ({ by }) => by,
      WHY: ({ reason }) => reason,
    }),
    printable(app.welcome?.notes?.trim() ?? ''),
  ];
  return parts.filter(Boolean).join('\n\n');
}

/** Keys and files are too long for a table. */
function oneLine(value: string): string {
  const [first = '', ...more] = value.trimEnd().split('\n');
  return more.length > 0 ? `${first} … (${more.length + 1} lines: --json has them)` : first;
}

const section: typeof table = (rows, columns) => (rows.length > 0 ? table(rows, columns) : '');

/** How to begin, in lines: the page to open first, as whom to sign in, and what the template says. */
export function welcomeLines({ name, welcome }: Pick<AppDetails, 'name' | 'welcome'>): string[] {
  if (!welcome) return [];
  const { firstRun, credentials, notes } = welcome;
  return [
    ...(firstRun ? [`Open first: ${firstRun}`] : []),
    ...credentials.map(({ label, user, password }) => {
      const how = password === null ? '' : `, password: cep apps show ${name} --secrets`;
      return `Sign in: ${label}${user === null ? '' : `, as ${user}`}${how}`;
    }),
    ...(notes ? notes.trim().split('\n') : []),
  ].map(printable);
}

/** What to type or open first, one line per endpoint. */
export const firstSteps = ({
  endpoints,
  parameters,
}: Pick<AppDetails, 'endpoints' | 'parameters'>): string[] =>
  endpoints.map((endpoint) => {
    const { protocol, address, port, url } = endpoint;
    const attempt = attempts[protocol]?.(`-h ${address} -p ${port}`, parameters);
    return attempt ? `${url}   try: ${attempt}` : url;
  });

type Attempt = (where: string, parameters: AppDetails['parameters']) => string;

const attempts: Readonly<Record<string, Attempt>> = {
  redis: (where) => `redis-cli ${where} ping`,
  postgresql: (where, { USERNAME = 'postgres', DATABASE = USERNAME }) =>
    `psql ${where} -U ${USERNAME} ${DATABASE}`,
};
