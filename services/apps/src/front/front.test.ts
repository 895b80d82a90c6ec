import { describe, expect, test } from '@jest/globals';
import { bareService } from '../compose/service.fixture.ts';
import { FRONT, frontFile, frontOf, obstacle, withFront } from './front.ts';

const port = { target: 80, protocol: 'tcp' as const, published: 8080, fixed: false };
const web = bareService({ updateOrder: 'start-first', ports: [port, { ...port, target: 5432 }] });
const db = bareService({ name: 'db', ports: [{ ...port, target: 6379 }] });
const endpoint = { name: 'web', service: 'web', port: 80, scheme: 'http', path: '/' };
const app = {
  services: [web, db],
  endpoints: [endpoint],
  front: { image: 'proxy:1', drain: 1500 },
};

describe('a front', () => {
  test('is there only for services that are replaced start-first and publish ports', () => {
    expect(frontOf([db])).toBeUndefined();
    expect(frontOf([bareService({ updateOrder: 'start-first' })])).toBeUndefined();
    expect(frontOf([db, web], 3000)).toMatchObject({ drain: 3000 });
  });

  test('takes the ports of those services, and no others', () => {
    const at = { protocol: 'tcp' as const, address: '10.1.0.2' };
    const bindings = [
      { ...at, service: 'web', target: 80, port: 8080 },
      { ...at, service: 'web', target: 5432, port: 8081 },
      { ...at, service: 'db', target: 6379, port: 8082 },
    ];

    const { services, bindings: moved } = withFront(app, bindings);

    expect(services.map(({ name }) => name)).toEqual(['web', 'db', FRONT]);
    expect(services[2]?.dependsOn).toEqual([{ service: 'web', condition: 'started' }]);
    expect(moved).toEqual([
      { ...bindings[0], service: FRONT, target: 10_000 },
      { ...bindings[1], service: FRONT, target: 10_001 },
      bindings[2],
    ]);
    expect(withFront({ ...app, services: [db] }, bindings.slice(2)).bindings).toEqual([
      bindings[2],
    ]);
  });

  test('speaks HTTP where an endpoint does, and passes everything else on as it is', () => {
    const { content } = frontFile(app, new Map([['web', 'cep-site-1f-web-g2']]));

    expect(content).toContain('hard-stop-after 2s');
    const [, http = '', tcp = ''] = content.split('\nlisten ');
    expect(http).toMatch(/mode http\n\s+bind :10000\n[^]*cep-site-1f-web-g2:80 /);
    expect(tcp).toMatch(/mode tcp\n\s+bind :10001\n[^]*cep-site-1f-web-g2:5432 /);
  });

  const volume = { kind: 'volume' as const, volume: 'data', target: '/data', readOnly: false };
  test.each([
    ['writes a volume', { mounts: [volume] }, 'it writes the volume data'],
    ['only reads a volume', { mounts: [{ ...volume, readOnly: true }] }, undefined],
    ['publishes a UDP port', { ports: [{ ...port, protocol: 'udp' as const }] }, 'UDP'],
    ['is on the network of the machine', { network: 'host' as const }, 'no network of its own'],
    ['publishes TCP ports alone', { ports: [port] }, undefined],
  ])('knows whether two can run at once of what %s', (_, changes, why) => {
    const found = obstacle(bareService(changes));
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(why);
  });
});
