import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { judgeOwner } from '../engine/policy.ts';
import { render } from '../templates/render.ts';
import { readTemplate } from '../templates/template.ts';
import { OWNED, ownersOf } from './owner.ts';

const header = {
  ...{ schemaVersion: 1, id: 'shop', name: 'Shop', version: '2', revision: 1 },
  ...{ summary: 'Sells things', categories: ['web'] },
};
const builtins = {
  CEP_APP_ID: '',
  CEP_APP_NAME: 'shop',
  CEP_HOST: '',
  CEP_TZ: '',
  CEP_LANG: 'en',
  CEP_UID: '1000',
  CEP_GID: '1000',
};
const rendered = (data: object) => {
  const compose = {
    'x-cep': { ...header, volumes: { data: { class: 'data', ...data } } },
    services: {
      web: { image: 'shop:2', volumes: ['data:/data', 'other:/other'] },
      job: { image: 'job:1', volumes: ['data:/in:ro'] },
    },
    volumes: { data: null, other: null },
  };
  const template = { store: 'cep', id: 'shop', readme: '', compose: stringify(compose) };
  return render(readTemplate(template), {}, builtins);
};

test('who names one of user, group and mode has named an owner; the rest is root’s', () => {
  expect(rendered({}).owners).toBeUndefined();
  expect(rendered({ uid: 1000 }).owners).toEqual({ data: { uid: 1000, gid: 0, mode: 0o755 } });
  expect(rendered({ mode: '2770' }).owners).toEqual({ data: { uid: 0, gid: 0, mode: 0o2770 } });
});

test('nothing of an image is copied into such a volume, and that is said; others stay as they were', () => {
  const { services, notes } = rendered({ uid: 1000, gid: 1000 });
  const copied = services.flatMap(({ mounts }) =>
    mounts.flatMap((mount) => (mount.kind === 'volume' && !mount.noCopy ? mount.target : [])),
  );
  expect(copied).toEqual(['/other']);
  expect(notes).toEqual([expect.stringContaining('data begins empty')]);
});

test('the container that it is given through has the volume, an image of the app, and no rights', () => {
  const { services, owners } = rendered({ uid: 1000 });
  const [owned, ...more] = ownersOf(services, owners);
  expect(more).toEqual([]);
  expect(owned?.service).toMatchObject({ image: 'shop:2', network: 'none', capDrop: ['ALL'] });
  expect(owned?.service.mounts).toEqual([
    { kind: 'volume', volume: 'data', target: OWNED, readOnly: false, noCopy: true },
  ]);
  expect(services.map(({ name }) => name)).not.toContain(owned?.service.name);
});

test.each([
  { uid: -1 },
  { uid: 65_536 },
  { gid: 1.5 },
  { mode: '4755' },
  { mode: '755' },
  { mode: '0888' },
])('an owner cannot be %j', (data) => {
  expect(() => rendered(data)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
});

test('the engine is asked for no other folder, and for no set-user-id', () => {
  const owner = { uid: 1000, gid: 1000, mode: 0o3777 };
  expect(judgeOwner(OWNED, owner)).toBeUndefined();
  for (const target of ['/', '/etc', `${OWNED}/..`, `${OWNED}/../../etc`, `${OWNED}/`]) {
    expect(judgeOwner(target, owner)).toMatchObject({ rule: 'mounts' });
  }
  for (const change of [{ mode: 0o4755 }, { uid: -1 }, { gid: 70_000 }, { uid: Number.NaN }]) {
    expect(judgeOwner(OWNED, { ...owner, ...change })).toMatchObject({ rule: 'wrong-type' });
  }
});
