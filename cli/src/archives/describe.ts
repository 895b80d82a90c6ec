/** An archive in words, for who made it. Pure. */
import type { Bundle } from '@cep/contracts/bundle';
import { parseCertificate } from '@cep/nebula/certificates';

export const FORMATS = { archive: 'tar.gz', yaml: 'yml' } as const;
export type Format = keyof typeof FORMATS;

interface Made {
  readonly file: string;
  readonly format: Format;
  readonly bundle: Bundle;
}

export function describeArchive({ file, format, bundle }: Made, now: Date): string {
  const { network, host, certificate, version2 } = bundle;
  const addresses = [host.address, ...(version2 ? [version2.host.address] : [])]
    .map((address) => address.replace(/\/.*/, ''))
    .join(' and ');
  const names = `${network.name} ${host.name}`;
  const end = new Date(parseCertificate(certificate).notAfter * 1000);
  const days = Math.floor((end.getTime() - now.getTime()) / 86_400_000);
  return [
    `Made ${file}: whoever has it is ${host.name} of ${network.name}, ${addresses}.`,
    ...NEXT[format](file, folderOf(bundle)).map(([where, what]) => `  ${where.padEnd(24)}${what}`),
    'Move it there by a way that nobody reads along, then delete it here. One machine at a time.',
    `It is good until ${end.toISOString().slice(0, 10)}, for ${days} days, and hears of no change meanwhile. To renew it, run "cep host bundle ${names}" again and replace it there: this one goes on until its end, or until --revoke-earlier, "cep host revoke ${names}" or "cep host delete ${names}" ends it.`,
  ].join('\n');
}

export const folderOf = ({ network, host }: Bundle): string => `${network.name}-${host.name}`;

const NEXT: Readonly<Record<Format, (file: string, folder: string) => [string, string][]>> = {
  archive: (file, folder) => [
    [
      'Where nebula is:',
      `tar xzf ${baseOf(file)} && cd ${folder} && sudo nebula -config config.yml`,
    ],
    ['Where cep is:', `sudo cep host import ${baseOf(file)} --detach`],
    ['For a phone:', 'make it with --format yaml'],
  ],
  yaml: (file) => [
    ['On a phone:', 'in the app Mobile Nebula press "+", choose "From file", and this file'],
    ['Where nebula is:', `sudo nebula -config ${baseOf(file)}`],
  ],
};

const baseOf = (file: string): string => file.split('/').at(-1) ?? file;
