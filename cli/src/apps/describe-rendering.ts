/** What would run, in words, for people. Pure. */
import type { Rendering } from '@cep/contracts/renderings';
import { printable } from '../printable.ts';
import { card, table } from '../table.ts';

type Service = Rendering['services'][number];

export function describeRendering(rendering: Rendering): string {
  const { name, template, version, store, address, services, parameters, permissions } = rendering;
  const parts = [
    card({ Name: name, App: `${template} ${version} (${store})`, Address: address }),
    section(services, {
      SERVICE: (service) => service.name,
      IMAGE: ({ image }) => image,
      PORTS: portsOf,
      MEMORY: ({ limits }) => `${Math.round(limits.memoryBytes / 2 ** 20)}m`,
      CPUS: ({ limits }) => String(limits.cpus),
      POLICY: ({ refusal }) => (refusal ? `refused: ${refusal.rule}` : 'allowed'),
    }),
    section(mountsOf(services), {
      MOUNT: ({ target }) => target,
      IN: ({ service }) => service,
      FROM: ({ from }) => from,
    }),
    section(variablesOf(services), {
      VARIABLE: ({ variable }) => variable,
      IN: ({ service }) => service,
      VALUE: ({ value }) => value,
    }),
    section(Object.entries(parameters), {
      PARAMETER: ([parameter]) => parameter,
      VALUE: ([, value]) => value,
    }),
    section(permissions, {
      PERMISSION: ({ permission }) => permission,
      FOR: ({ path, reason }) => reason ?? path,
      GRANTED: ({ granted }) => (granted ? 'yes' : 'no: --grant, by an administrator'),
    }),
    ...refusalsOf(services),
    rendering.notes.map((note) => `Note: ${printable(note)}`).join('\n'),
  ];
  return parts.filter(Boolean).join('\n\n');
}

const section: typeof table = (rows, columns) => (rows.length > 0 ? table(rows, columns) : '');

const portsOf = ({ ports }: Service): string =>
  ports.map(({ published, target, protocol }) => `${published}:${target}/${protocol}`).join(' ');

const mountsOf = (services: readonly Service[]) =>
  services.flatMap(({ name: service, mounts, files }) => [
    ...mounts.map(({ kind, source, target, readOnly }) => ({
      service,
      target,
      from: `${kind}${source === null ? '' : ` ${source}`}${readOnly ? ', read-only' : ''}`,
    })),
    ...files.map((target) => ({ service, target, from: 'file' })),
  ]);

const variablesOf = (services: readonly Service[]) =>
  services.flatMap(({ name: service, environment }) =>
    Object.entries(environment).map(([variable, value]) => ({ service, variable, value })),
  );

const refusalsOf = (services: readonly Service[]): string[] =>
  services.flatMap(({ name, refusal }) =>
    refusal ? [`${name}: ${printable(refusal.message)} (${refusal.rule}).\n${refusal.remedy}`] : [],
  );
