/** Certificates that nebula-cert 1.6.1 (version 1) and 1.11.0 (version 2) made of these inputs. */
import { describe, expect, test } from '@jest/globals';
import {
  certificatePem,
  encodeCertificate,
  fingerprint,
  parseCertificate,
  signCertificate,
} from './certificates.ts';
import type { Details, Version } from './details.ts';
import { type Authority, issueHost } from './issue.ts';
import { keyPairOf } from './keys.ts';

const caKeys = keyPairOf(
  'ca',
  'curve25519',
  Uint8Array.from({ length: 32 }, (_, index) => index),
);
const hostKeys = keyPairOf(
  'host',
  'curve25519',
  Uint8Array.from({ length: 32 }, (_, index) => index + 32),
);

const networks = { 1: ['10.42.0.0/16'], 2: ['10.42.0.0/16', 'fd00:42::/64'] };
const addresses = { 1: ['10.42.0.7/16'], 2: ['10.42.0.7/16', 'fd00:42::7/64'] };

function authority(version: Version): Authority {
  const details: Details = {
    name: 'cep test ca',
    networks: networks[version],
    unsafeNetworks: [],
    groups: ['server', 'laptop'],
    notBefore: 1_700_000_000,
    notAfter: 2_000_000_000,
    publicKey: caKeys.publicKey,
    isCa: true,
    issuer: '',
    curve: 'curve25519',
  };
  const { privateKey } = caKeys;
  return { certificate: signCertificate(version, details, privateKey), privateKey };
}

const leaf = (version: Version) =>
  issueHost(authority(version), {
    name: 'web-1',
    networks: addresses[version],
    unsafeNetworks: ['192.168.9.0/24'],
    groups: ['server'],
    notBefore: 1_700_000_100,
    notAfter: 1_999_999_900,
    publicKey: hostKeys.publicKey,
  });

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('byte for byte as nebula-cert', () => {
  test('derives the public keys', () => {
    expect(hex(caKeys.publicKey)).toBe(
      '03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8',
    );
    expect(hex(hostKeys.publicKey)).toBe(
      '358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254',
    );
  });

  test('makes an authority of version 1', () => {
    const { certificate } = authority(1);

    expect(hex(certificate.rawDetails)).toBe(
      '0a0b636570207465737420636112098080a8518080fcff0f220673657276657222066c6170746f702880e2cfaa063080a8d6b9073a2003a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b84001',
    );
    expect(fingerprint(certificate)).toBe(
      '3e1badaf8f413cad7b77c1ce7f7cb65c62a3dea352310a5e9994ce868e54b01c',
    );
  });

  test('makes a host certificate of version 1', () => {
    const certificate = leaf(1);

    expect(hex(certificate.rawDetails)).toBe(
      '0a057765622d3112098780a8518080fcff0f1a0a8092a0850c80feffff0f220673657276657228e4e2cfaa06309ca7d6b9073a20358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd1662544a203e1badaf8f413cad7b77c1ce7f7cb65c62a3dea352310a5e9994ce868e54b01c',
    );
    expect(hex(certificate.signature)).toBe(
      '9cc8ac7dcd549348461ad46570204365b99a316cebd45ec00df2fe32b1b4ec7fb4c3c587b23d794ed80b8460493722aa14644b2e7be1dd0edd5eeb18c3e28702',
    );
    expect(fingerprint(certificate)).toBe(
      '7bc9a063ddd3ae9114d82657cf320f4d97cb43153d143364d97ae060a321e214',
    );
  });

  test('makes an authority of version 2', () => {
    const { certificate } = authority(2);

    expect(hex(certificate.rawDetails)).toBe(
      'a04a800b6365702074657374206361a11a04050a2a0000100411fd00004200000000000000000000000040a3100c067365727665720c066c6170746f708401ff85046553f100860477359400',
    );
    expect(fingerprint(certificate)).toBe(
      '3c0a5ffc32193bb10de9e5e1344ac0f47e55d30f781cfde242347951bca288f4',
    );
  });

  test('makes a host certificate of version 2', () => {
    const certificate = leaf(2);

    expect(hex(encodeCertificate(certificate))).toBe(
      '3081caa06480057765622d31a11a04050a2a0007100411fd00004200000000000000000000000740a2070405c0a8090018a3080c0673657276657285046553f16486047735939c87203c0a5ffc32193bb10de9e5e1344ac0f47e55d30f781cfde242347951bca288f48220358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd1662548340af0e9db9b6f0994d26e81932fd1fa777620185d212021acccebea1a8757b2da370a825d6af83a899bb908f33fad5f17a1c0e343828eabedb0edeb92144f1e201',
    );
    expect(fingerprint(certificate)).toBe(
      '9e326c4e6dc438e98c8414a9f30eb99d358ee62182bb2cefcdf602a7eeced6c5',
    );
  });

  test.each([1, 2] as const)('reads back what it wrote in version %i', (version) => {
    const certificate = leaf(version);

    expect(parseCertificate(certificatePem(certificate))).toEqual(certificate);
  });
});
