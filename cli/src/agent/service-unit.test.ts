import { expect, test } from '@jest/globals';
import { hostFolder } from './host-folder.ts';
import { unitName, unitText } from './service-unit.ts';

const folder = hostFolder('/var/lib/cep', 'home', 'laptop');
const command = ['/opt/my cep/cep', 'host', 'connect', 'home', 'laptop'];

test('the service runs the agent in the foreground, and again when it ends', () => {
  const text = unitText({ folder, home: '/var/lib/cep', command });

  expect(unitName(folder)).toBe('cep-home-laptop.service');
  expect(text).toContain('ExecStart="/opt/my cep/cep" "host" "connect" "home" "laptop"\n');
  expect(text).toContain('Environment="CEP_HOME=/var/lib/cep"\n');
  expect(text).toContain('Restart=always\n');
  expect(text).not.toContain('CEP_NEBULA');
});
