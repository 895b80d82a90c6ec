import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RenderedApp } from '../compose/model.ts';
import { builtins } from '../templates/builtins.fixture.ts';
import { readOwnFile } from '../templates/own-file.ts';
import { resolveParameters } from '../templates/parameters.ts';
import { render } from '../templates/render.ts';
import { sourcesOf } from '../templates/template.ts';
import { reach } from './addresses.ts';
import { asWished, withAddresses } from './variables.ts';

const deploy = (compose: string): RenderedApp =>
  render(readOwnFile({ compose, files: {}, name: 'shop' }), {}, builtins);
const bound = (port: number, protocol = 'tcp') => ({ service: 'web', target: 80, protocol, port });

describe('an app that asks for its own address', () => {
  const compose = `
x-cep:
  endpoints: [{ name: web-ui, service: web, port: 80, scheme: http, path: /admin }]
  files: [{ service: web, target: /etc/app.json, format: json, content: '{"url": "\${CEP_URL_WEB_UI}"}' }]
  hooks: { postInstall: { service: web, command: [x], timeout: 1s, environment: { A: "$CEP_DOMAIN_WEB_UI" } } }
services:
  web:
    image: x
    command: [serve, "--url=\${CEP_URL_WEB_UI:-none}"]
    environment: { PORT: "$CEP_PORT_WEB_UI", WHO: "$CEP_UID:$CEP_GID $CEP_LANG" }
    ports: ["8080:80"]
`;
  const app = deploy(compose);

  test('has that of the port which is claimed, wherever it asks', () => {
    const ports = [bound(8083)];
    const { services, hooks } = withAddresses(app, app.endpoints, { address: '10.42.0.2', ports });

    expect(services[0]?.command).toEqual(['serve', '--url=http://10.42.0.2:8083/admin']);
    expect(services[0]?.environment).toEqual({ PORT: '8083', WHO: '1000:1000 en' });
    expect(services[0]?.files?.[0]?.content).toBe('{"url": "http://10.42.0.2:8083/admin"}');
    expect(hooks?.[0]?.environment).toEqual({ A: '10.42.0.2:8083' });
  });

  test('is shown with the port that it wants, and kept with none', () => {
    expect(asWished(app, app, '10.42.0.2').services[0]?.environment.PORT).toBe('8080');
    expect(JSON.stringify(app)).not.toContain('10.42.0.2:80');
  });

  test('has nothing to write where the port is the usual one of its scheme', () => {
    const [endpoint] = app.endpoints;
    if (!endpoint) throw new Error('no endpoint');
    const at = (scheme: string, port: number) =>
      reach({ ...endpoint, scheme }, { address: '10.42.0.2', ports: [bound(port)] })?.url;

    expect(at('http', 80)).toBe('http://10.42.0.2/admin');
    expect(at('https', 443)).toBe('https://10.42.0.2/admin');
    expect(at('https', 80)).toBe('https://10.42.0.2:80/admin');
    expect(at('redis', 6379)).toBe('redis://10.42.0.2:6379/admin');
  });

  test('has the port of the protocol that its endpoint is of', () => {
    const endpoint = { name: 'dns', service: 'web', port: 80, scheme: 'udp', path: '' };
    const ports = [bound(8001), bound(8002, 'udp')];

    expect(reach(endpoint, { address: '10.42.0.2', ports })?.port).toBe(8002);
  });

  test('keeps everything else as it is, whatever it looks like', () => {
    const at = { address: '10.42.0.2', ports: [bound(8083)] };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(withAddresses(value, app.endpoints, at)).toEqual(value);
      }),
    );
    const foreign = '\uFDD0URL_OTHER\uFDD1';
    expect(withAddresses(foreign, app.endpoints, at)).toBe(foreign);
  });
});

test('a file that names no endpoint has one for each of its ports', () => {
  const app = deploy(
    'services: {web: {image: x, environment: {A: $CEP_URL_WEB_80}, ports: ["80"]}}',
  );

  expect(asWished(app, app, '127.0.0.1').services[0]?.environment.A).toBe('http://127.0.0.1:8080');
});

describe('a parameter that has an address by default', () => {
  const compose = (use: string) => `
x-cep:
  endpoints: [{ name: web, service: web, port: 80, scheme: http }]
  parameters: [{ name: URL, type: url, label: Address, default: "\${CEP_URL_WEB}/" }]
services: { web: { image: x, ports: ["8080:80"], ${use} } }`;

  test('is told with it, unless a person says another', () => {
    const template = readOwnFile({
      compose: compose('environment: [URL]'),
      files: {},
      name: 'shop',
    });
    const told = (given: Record<string, string>) => {
      const sources = { random: () => Buffer.alloc(0), ...sourcesOf(template, builtins) };
      const { values } = resolveParameters(template, given, sources);
      const app = render(template, values, builtins);
      return asWished({ app, values }, app, '10.42.0.2');
    };

    expect(told({}).app.services[0]?.environment).toEqual({ URL: 'http://10.42.0.2:8080/' });
    expect(told({}).values).toEqual({ URL: 'http://10.42.0.2:8080/' });
    expect(told({ URL: 'https://a.example' }).values).toEqual({ URL: 'https://a.example' });
  });

  test('cannot decide what the address is', () => {
    expect(() => deploy(compose('hostname: "$URL"'))).toThrow(
      'compose/services/web/hostname has URL, which is known only when ports are',
    );
  });
});

test('a parameter for files is in no environment', () => {
  const compose = (service: string) => `
x-cep: { parameters: [{ name: CONF, type: file, label: Settings }] }
services: { web: { image: x, ${service} } }
configs: { conf: { content: "\${CONF}" } }`;

  expect(() => deploy(compose('configs: [conf]'))).not.toThrow();
  for (const use of ['environment: [CONF]', 'environment: {A: $CONF}', 'command: [sh, $CONF]']) {
    expect(() => deploy(compose(use))).toThrow('has CONF, which is for files alone');
  }
});

describe('an address is refused', () => {
  test.each([
    [
      'of no endpoint',
      'environment: {A: $CEP_URL_API}, ports: ["80"]',
      'CEP_URL_API is of no endpoint; there is CEP_URL_WEB_80',
    ],
    ['of an app without any', 'environment: {A: $CEP_URL_WEB}', 'it publishes no port'],
    [
      'for what it follows from',
      'ports: ["$CEP_PORT_WEB_80:80"]',
      'compose/services/web/ports/0 has CEP_PORT_WEB_80',
    ],
    ['for an image', 'labels: {A: $CEP_URL_WEB_80}, ports: ["80"]', 'use it in environment'],
    [
      'of a mail server',
      'environment: {A: $CEP_SMTP_HOST}',
      'CEP_SMTP_HOST is neither a parameter nor built in: cep knows no mail server',
    ],
  ])('%s', (_, service, words) => {
    expect(() => deploy(`services: {web: {image: x, ${service}}}`)).toThrow(words);
  });
});
