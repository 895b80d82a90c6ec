/** A compose file of anybody, as a template of ours. Pure. */
import { schemeOf } from '@cep/contracts/schemes';
import {
  type About,
  type Converted,
  Draft,
  isMembers,
  line,
  type Members,
  membersOf,
  slug,
  textOf,
} from './draft.ts';
import type { Volumes } from './mounts.ts';
import type { PublishedPort } from './ports.ts';
import { convertService, environmentOf } from './services.ts';
import { generateSecrets } from './variables.ts';

/** Why something cannot be converted at all, as one sentence. */
export class NotConvertible extends Error {}

/**
 * @param draft  may have parameters already, which variables of the same name then use
 * @throws {NotConvertible}
 */
export function convertCompose(document: Members, about: About, draft = new Draft()): Converted {
  const services = Object.entries(membersOf(document.services));
  if (services.length === 0) throw new NotConvertible(`${about.id} has no services.`);
  const names = new Map(services.map(([name]) => [name, slug(name, 'service')]));
  for (const [name, service] of services) {
    if (isMembers(service) && textOf(service.image)) continue;
    throw new NotConvertible(`${about.id}: the service "${name}" has no image; cep builds none.`);
  }
  const environments = Object.fromEntries(
    services.map(([name, service]) => [name, environmentOf(draft, membersOf(service).environment)]),
  );
  const withSecret = generateSecrets(draft, environments);
  const volumes: Volumes = new Map();
  const converted = services.map(([name, service]) => {
    const own = Object.entries(environments[name] ?? {});
    const environment = Object.fromEntries(
      own.map(([key, value]) => [key, withSecret(key, value)]),
    );
    const { service: made, published } = convertService(draft, name, membersOf(service), {
      environment,
      volumes,
    });
    const now = names.get(name) ?? name;
    const alias = now !== name && !made.container_name && { container_name: name };
    return { name: now, service: { ...renamed(made, names), ...alias }, published };
  });
  const [main] = services;
  const kept = [...new Set(volumes.values())];
  const compose: Members = {
    'x-cep': {
      ...headerOf(about, textOf(membersOf(main?.[1]).image) ?? ''),
      parameters: draft.parameters.map((parameter) => ({ ...parameter })),
      endpoints: converted.flatMap(({ name, published }, index) =>
        endpointsOf(name, published, index === 0),
      ),
      ...(kept.length > 0 && {
        volumes: Object.fromEntries(kept.map((name) => [name, { class: 'data' }])),
      }),
    },
    services: Object.fromEntries(converted.map(({ name, service }) => [name, service])),
    ...(kept.length > 0 && {
      volumes: Object.fromEntries(kept.map((name) => [name, null])),
    }),
  };
  return { id: about.id, compose, readme: readmeOf(about), warnings: draft.warnings };
}

/** What a service waits for is called as it is called now. */
function renamed(service: Members, names: ReadonlyMap<string, string>): Members {
  const { depends_on: dependsOn } = service;
  if (dependsOn === undefined) return service;
  const name = (old: string) => names.get(old) ?? old;
  const now = Array.isArray(dependsOn)
    ? dependsOn.map((old) => name(textOf(old) ?? ''))
    : Object.fromEntries(
        Object.entries(membersOf(dependsOn)).map(([old, rest]) => [name(old), rest]),
      );
  return { ...service, depends_on: now };
}

function endpointsOf(
  service: string,
  published: readonly PublishedPort[],
  isMain: boolean,
): Members[] {
  return published
    .filter(({ protocol }) => protocol === 'tcp')
    .filter(({ target }, index, all) => all.findIndex((port) => port.target === target) === index)
    .map(({ target }, index) => ({
      name: isMain && index === 0 ? 'web' : `${service.slice(0, 50)}-${target}`,
      service,
      port: target,
      scheme: schemeOf(target) ?? 'http',
    }));
}

function headerOf(about: About, image: string): Members {
  const tag = /:([^/@]+)(?:@.*)?$/.exec(image)?.[1] ?? 'latest';
  const { id, name = id, summary = name, category = 'other', website } = about;
  return {
    schemaVersion: 1,
    id,
    name: line(name, 200),
    version: /[${}]/.test(tag) ? 'latest' : line(tag, 200),
    revision: 1,
    summary: line(summary, 80) || id,
    categories: [slug(category, 'other')],
    ...(website && /^https?:\/\/\S+$/.test(website) && { website }),
  };
}

const readmeOf = ({ id, name = id, summary, description = summary ?? name }: About): string =>
  `${
    description
      .replace(/<[^>]{0,500}>/g, '')
      .replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '')
      .trim() || name
  }\n`;
