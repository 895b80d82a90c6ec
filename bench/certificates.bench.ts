import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { certificatePem } from '@cep/nebula/certificates';
import { issueCa, issueHost } from '@cep/nebula/issue';
import { privateKeyPem, publicKeyPem } from '@cep/nebula/key-pem';
import { generateCaKeys, generateHostKeys } from '@cep/nebula/keys';
import { type Bench, inFolder, type Measurement, median } from './bench.ts';

const run = promisify(execFile);
const ROUNDS = 7;
const OURS_PER_ROUND = 2_000;
const THEIRS_PER_ROUND = 40;

const now = Math.floor(Date.now() / 1000);
const caKeys = generateCaKeys();
const authority = issueCa(
  {
    ...{ version: 1, name: 'home', networks: ['10.42.0.0/16'] },
    ...{ notBefore: now - 60, notAfter: now + 86_400 },
  },
  caKeys,
);
const { publicKey } = generateHostKeys();

/** Certificates a second, from a request to PEM: by us, and by `nebula-cert sign` as a process. */
export const bench: Bench = {
  missing: () => (findProgram() ? undefined : 'install the Debian package nebula.'),
  run: () => inFolder(compare),
};

async function compare(folder: string): Promise<Measurement[]> {
  const sign = await signer(folder);
  const rounds: { ours: number; theirs: number }[] = [];
  issueMany(OURS_PER_ROUND);
  await sign();
  for (let round = 0; round < ROUNDS; round += 1) {
    const ours = await perSecond(OURS_PER_ROUND, () => issueMany(OURS_PER_ROUND));
    const theirs = await perSecond(THEIRS_PER_ROUND, async () => {
      for (let count = 0; count < THEIRS_PER_ROUND; count += 1) await sign();
    });
    rounds.push({ ours, theirs });
  }
  const ours = Math.round(median(rounds.map((round) => round.ours)));
  const theirs = Math.round(median(rounds.map((round) => round.theirs)));
  const ratio = median(rounds.map((round) => round.ours / round.theirs));
  const peer = `nebula-cert sign as a process: ${theirs}/s`;
  return [
    { name: 'certificates: issued', value: ours, unit: '1/s', peer },
    { name: 'certificates: speed', value: ratio, unit: 'x', bound: { atLeast: 20 }, peer },
  ];
}

function issueMany(count: number): void {
  const validity = { notBefore: now, notAfter: now + 3_600 };
  for (let index = 0; index < count; index += 1) {
    const networks = [`10.42.${index >> 8}.${(index & 127) + 1}/16`];
    const request = { name: `host-${index}`, networks, groups: ['server'], publicKey, ...validity };
    certificatePem(issueHost(authority, request));
  }
}

/** Prepares the files, and returns what signs one certificate with the same contents. */
async function signer(folder: string): Promise<() => Promise<void>> {
  const [ca, key, pub, out] = ['ca.crt', 'ca.key', 'host.pub', 'host.crt'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  await writeFile(ca, certificatePem(authority.certificate));
  await writeFile(key, privateKeyPem('ca', caKeys), { mode: 0o600 });
  await writeFile(pub, publicKeyPem('host', { curve: 'curve25519', publicKey }));
  const files = ['-ca-crt', ca, '-ca-key', key, '-in-pub', pub, '-out-crt', out];
  const identity = ['-name', 'host', '-ip', '10.42.0.7/16', '-groups', 'server', '-duration', '1h'];
  return async () => {
    await run(findProgram() ?? '', ['sign', ...files, ...identity]);
    await rm(out);
  };
}

async function perSecond(count: number, work: () => void | Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1000) / (performance.now() - started);
}

/** The program of the test rig, or this machine's own. */
function findProgram(): string | undefined {
  const folders = [process.env.TEST_NEBULA_1_6, ...(process.env.PATH ?? '').split(delimiter)];
  const paths = folders
    .filter((folder) => folder !== undefined)
    .map((each) => join(each, 'nebula-cert'));
  return paths.find((path) => existsSync(path));
}
