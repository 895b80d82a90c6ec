import { expect, test } from '@jest/globals';
import { permissionsOf } from '../engine/permissions.ts';
import { readOwnFile } from '../templates/own-file.ts';
import { render } from '../templates/render.ts';
import { reviewOf } from './review.ts';

const builtins = {
  ...{ CEP_APP_ID: '7c9e6679-7425-40de-944b-e07fc1f90ae7', CEP_APP_NAME: 'shop' },
  ...{ CEP_HOST: '10.42.0.1', CEP_TZ: 'UTC', CEP_LANG: 'en', CEP_UID: '1000', CEP_GID: '1000' },
};
const made = (services: string) => {
  const template = readOwnFile({ compose: `services: {${services}}`, files: {}, name: 'shop' });
  const rendered = render(template, {}, builtins);
  return { template, rendered, needed: permissionsOf(rendered) };
};

function review(before: string, after: string, granted: string[] = []) {
  const { template, rendered, needed } = made(after);
  // What was written down has been JSON.
  const was = JSON.parse(JSON.stringify(made(before).rendered));
  const version = { from: '1', to: '2' };
  return reviewOf({ version, before: was, after: rendered, template, needed, granted });
}

test('an update to the same changes nothing', () => {
  const web = 'web: {image: x, ports: ["8080:80"], environment: {A: b}}';

  expect(review(web, web)).toEqual({
    ...{ version: { from: '1', to: '2' }, changes: [], permissions: [], notes: [] },
  });
});

test('services come, go and change; what changes is named, and no value is told', () => {
  const found = review(
    'web: {image: "x:1", environment: {PASSWORD: open-sesame}}, old: {image: y}',
    'web: {image: "x:2", environment: {PASSWORD: shut-sesame}}, db: {image: z}',
  );

  expect(found.changes).toEqual([
    { service: 'web', is: 'changed', what: ['environment', 'image'] },
    { service: 'db', is: 'new', what: [] },
    { service: 'old', is: 'gone', what: [] },
  ]);
  expect(JSON.stringify(found)).not.toContain('sesame');
});

test('what it needs is told with whether it has it', () => {
  const { permissions } = review(
    'web: {image: x}',
    'web: {image: x, cap_add: [NET_ADMIN, SYS_TIME]}',
    ['capability:NET_ADMIN'],
  );

  expect(permissions.map(({ permission, granted }) => [permission, granted])).toEqual([
    ['capability:NET_ADMIN', true],
    ['capability:SYS_TIME', false],
  ]);
});
