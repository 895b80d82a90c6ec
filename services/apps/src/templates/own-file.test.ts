import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readOwnFile } from './own-file.ts';
import { resolveParameters } from './parameters.ts';
import { render } from './render.ts';

const builtins = {
  CEP_APP_ID: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  CEP_APP_NAME: 'shop',
  CEP_HOST: '127.0.0.1',
  CEP_TZ: 'UTC',
  CEP_LANG: 'en',
  CEP_UID: '1000',
  CEP_GID: '1000',
};
const read = (compose: string, files: Record<string, string> = {}, name?: string) =>
  readOwnFile({ compose, files, name });

function deploy(compose: string, given: Record<string, string> = {}, files = {}) {
  const template = read(compose, files, 'shop');
  const { values } = resolveParameters(template, given, { random: randomBytes });
  return render(template, values, builtins);
}

describe('a file of one’s own', () => {
  test('needs nothing but services, and a name', () => {
    const web = 'services: {web: {image: "nginx:1"}}';

    expect(read(`name: shop\n${web}`).id).toBe('shop');
    expect(read(web, {}, 'other').id).toBe('other');
    expect(read(`x-cep: {id: own}\nname: shop\n${web}`, {}, 'other').id).toBe('own');
    expect(() => read(web)).toThrow('--name NAME');
    expect(() => read(`name: My Shop\n${web}`)).toThrow('--name NAME');
  });

  test('has its variables for parameters: required where there is nothing else', () => {
    const { parameters } = read(
      'services: {web: {image: "nginx:${TAG:-1}", environment: {A: "$TITLE ${CEP_HOST}", B: "${DB_PASSWORD?none}"}}}',
      {},
      'shop',
    );

    expect(parameters.map(({ name, required, sensitive }) => [name, required, sensitive])).toEqual([
      ['TAG', false, false],
      ['TITLE', true, false],
      ['DB_PASSWORD', false, true],
    ]);
  });

  test('gets just the port that it says, as with compose; what it leaves open may be another', () => {
    const ports = (entry: string, given = {}) =>
      deploy(
        `services: {web: {image: "nginx:1", ports: [${entry}]}}`,
        given,
      ).services[0]?.ports.map(({ published, fixed }) => [published, fixed]);

    expect(ports('"8080:80"')).toEqual([[8080, true]]);
    expect(ports('{target: 80, published: 8080}')).toEqual([[8080, true]]);
    expect(ports('8080')).toEqual([[8080, false]]);
    expect(ports('"${PORT:-8080}:80"')).toEqual([[8080, false]]);
    expect(ports('"${PORT:-8080}:80"', { PORT: '9090' })).toEqual([[9090, true]]);
    expect(ports('"80:80"')).toEqual([[8080, false]]);
  });

  test('says which variable has no value', () => {
    const file = 'services: {web: {image: "nginx:$TAG"}}';

    expect(() => deploy(file)).toThrow('Parameter TAG (TAG) is required');
    expect(deploy(file, { TAG: '1' }).services[0]?.image).toBe('nginx:1');
  });

  test('is found at each port that it publishes, unless it says where itself', () => {
    const services = 'services: {db: {image: x, ports: ["16379:6379", "53/udp", "9999"]}}';
    const schemes = (file: string) =>
      deploy(file).endpoints.map(({ name, scheme }) => [name, scheme]);

    expect(schemes(services)).toEqual([
      ['db-6379', 'redis'],
      ['db-53', 'udp'],
      ['db-9999', 'tcp'],
    ]);
    expect(
      schemes(
        `x-cep: {endpoints: [{name: web, service: db, port: 9999, scheme: http}]}\n${services}`,
      ),
    ).toEqual([['web', 'http']]);
  });

  test('passes on what its environment only names', () => {
    const file = 'services: {web: {image: x, environment: [GIVEN, ABSENT]}}';

    expect(deploy(file, { GIVEN: 'yes' }).services[0]?.environment).toEqual({ GIVEN: 'yes' });
  });

  test('takes the content of configs and secrets from parameters, and keeps that of secrets', () => {
    const { parameters } = read(
      'services: {web: {image: x}}\nconfigs: {c: {environment: TEXT}}\nsecrets: {s: {environment: WORD}}',
      {},
      'shop',
    );

    expect(parameters).toMatchObject([
      { name: 'TEXT', required: true, sensitive: false },
      { name: 'WORD', required: true, sensitive: true },
    ]);
  });

  test('declares parameters of its own', () => {
    const file =
      'x-cep: {parameters: [{name: PW, type: password, label: P, generate: {kind: hex}}]}\nservices: {web: {image: x, environment: {A: "$PW"}}}';

    expect(deploy(file).services[0]?.environment.A).toMatch(/^[0-9a-f]{48}$/);
  });

  test('has the files beside it, and no others', () => {
    const file = `services:
  web:
    image: x
    env_file: ./app.env
    environment: { B: own }
    configs: [c]
    volumes: ["./nginx.conf:/etc/nginx.conf:ro", "./cache:/cache"]
configs: { c: { file: c.txt } }`;
    const files = { 'app.env': 'A=1\nB=2', 'c.txt': 'c', 'nginx.conf': 'n' };
    const app = deploy(file, {}, files);

    expect(app.services[0]).toMatchObject({
      environment: { A: '1', B: 'own' },
      mounts: [{ kind: 'volume', volume: 'folder-cache', target: '/cache' }],
      files: [
        { target: '/c', content: 'c' },
        { target: '/etc/nginx.conf', content: 'n' },
      ],
    });
    expect(app.volumes).toEqual(['folder-cache']);
    expect(() => deploy(file, {}, {})).toThrow('"c.txt", which is not beside');
    expect(() => deploy(file.replace('./app.env', '../app.env'), {}, files)).toThrow(
      'not inside the folder',
    );
  });

  test.each(['', 'text', '[]', 'x-cep: []\nservices: {}', 'services: {}', 'x-cep: {colour: red}'])(
    'that is %j is refused',
    (file) => {
      expect(() => deploy(file)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    },
  );
});
