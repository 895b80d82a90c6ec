import { expect, test } from '@jest/globals';
import { asWished } from '../endpoints/variables.ts';
import { builtins } from './builtins.fixture.ts';
import { readOwnFile } from './own-file.ts';
import { resolveParameters } from './parameters.ts';
import { render } from './render.ts';
import { greet } from './welcome.ts';

const HEADER = `
  endpoints:
    - { name: db, service: web, port: 6379, scheme: redis }
    - { name: web, service: web, port: 80, scheme: http, path: /shop }
  parameters:
    - { name: USER, type: string, label: User, default: ada }
    - { name: PASSWORD, type: password, label: Password }
  firstRunPath: /setup
  credentials: [{ label: Administrator, user: "$USER", passwordParam: PASSWORD }]
  notes: |
    Open \${CEP_URL_WEB} and sign in with $PASSWORD.
`;
const read = (header: string) =>
  readOwnFile({
    compose: `x-cep: ${header}\nservices: {web: {image: x, ports: ["8080:80", "6379"]}}`,
    files: {},
    name: 'shop',
  });

function greeted(secrets: boolean) {
  const template = read(HEADER);
  const given = { PASSWORD: 'hunter2' };
  const { values, ...made } = resolveParameters(template, given, { random: () => Buffer.alloc(0) });
  const kept = render(template, values, builtins);
  const rendered = asWished(kept, kept, '10.42.0.2');
  expect(JSON.stringify(kept)).not.toContain('hunter2');
  return greet(
    { requested: {}, parameters: values, sensitive: [...made.secrets], rendered },
    secrets,
  );
}

test('people are told where to begin, and as whom; secrets only when they ask', () => {
  expect(greeted(false)).toEqual({
    notes: 'Open http://10.42.0.2:8080/shop and sign in with (hidden).\n',
    credentials: [{ label: 'Administrator', user: 'ada', password: '(hidden)' }],
    firstRun: 'http://10.42.0.2:8080/setup',
  });
  expect(greeted(true)).toMatchObject({
    notes: expect.stringContaining('sign in with hunter2.'),
    credentials: [{ password: 'hunter2' }],
  });
});

test.each([
  ['{notes: "$OTHER"}', 'x-cep/notes: OTHER is neither'],
  ['{notes: "${A"}', 'x-cep/notes: "${A" is no variable'],
  ['{credentials: [{label: A, user: "$OTHER"}]}', 'x-cep/credentials/0/user: OTHER is neither'],
  ['{credentials: [{label: A, passwordParam: OTHER}]}', 'passwordParam is "OTHER", which is no'],
  ['{firstRunPath: "a b"}', 'x-cep/firstRunPath is not valid: a path'],
])('%s is refused', (header, words) => {
  expect(() => read(header)).toThrow(words);
});

test('a page to open first needs something that a browser opens', () => {
  const header =
    '{firstRunPath: /a, endpoints: [{name: db, service: web, port: 6379, scheme: redis}]}';

  expect(() => render(read(header), {}, builtins)).toThrow('x-cep/firstRunPath needs an endpoint');
});
