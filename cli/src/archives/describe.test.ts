import type { Bundle } from '@cep/contracts/bundle';
import { certificatePem } from '@cep/nebula/certificates';
import { issueCa, issueHost } from '@cep/nebula/issue';
import { generateCaKeys, generateHostKeys } from '@cep/nebula/keys';
import { expect, test } from '@jest/globals';
import { describeArchive } from './describe.ts';

const now = new Date('2026-01-01T00:00:00.000Z');
const begin = now.getTime() / 1000;

function bundleOf(days: number): Bundle {
  const validity = { notBefore: begin, notAfter: begin + days * 86_400 };
  const authority = issueCa(
    { version: 1, name: 'home', networks: ['10.42.0.0/16'], ...validity },
    generateCaKeys(),
  );
  const { publicKey } = generateHostKeys();
  const networks = ['10.42.0.7/16'];
  const host = { name: 'phone', networks, groups: [], publicKey, ...validity };
  return {
    network: { name: 'home' },
    host: { name: 'phone', address: '10.42.0.7/16' },
    certificate: certificatePem(issueHost(authority, host)),
  } as unknown as Bundle;
}

test.each([
  ['archive', 'usb/home-phone.tar.gz', 'tar xzf home-phone.tar.gz && cd home-phone && sudo nebula'],
  ['archive', 'home-phone.tar.gz', 'sudo cep host import home-phone.tar.gz --detach'],
  ['yaml', 'home-phone.yml', 'choose "From file"'],
] as const)('of format %s, as %s, says what to do next', (format, file, next) => {
  const words = describeArchive({ file, format, bundle: bundleOf(90) }, now);

  expect(words).toContain(`Made ${file}`);
  expect(words).toContain(next);
  expect(words).toContain('until 2026-04-01, for 90 days');
  expect(words).toContain('cep host bundle home phone');
});
