import { certificatePem } from '@cep/nebula/certificates';
import { issueCa } from '@cep/nebula/issue';
import { generateCaKeys } from '@cep/nebula/keys';
import { expect, test } from '@jest/globals';
import { renewalTime } from './renewal.ts';

test('a certificate is renewed when two thirds of its time are over', () => {
  const validity = { notBefore: 1_800_000_000, notAfter: 1_800_000_300 };
  const { certificate } = issueCa(
    { version: 1, name: 'home', networks: ['10.42.0.0/16'], ...validity },
    generateCaKeys(),
  );

  expect(renewalTime(certificatePem(certificate))).toEqual(new Date(1_800_000_200_000));
});
