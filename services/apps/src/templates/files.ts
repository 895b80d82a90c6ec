/** The files of a template, as they are written into its services. Pure. */
import { Problem } from '@cep/contracts/problems';
import { atPath } from '../compose/at-path.ts';
import { fileAt } from '../compose/context.ts';
import { interpolate, type Lookup } from '../compose/interpolate.ts';
import type { File, Service } from '../compose/model.ts';
import { assertWritable } from '../compose/provided-files.ts';
import { escaped } from './escape.ts';
import type { Template } from './template.ts';
import type { TemplateFile } from './x-cep.ts';

/** @throws {Problem} `invalid-request` for one of no service, without content, or out of place */
export function withFiles(
  services: readonly Service[],
  template: Template,
  lookup: Lookup,
): Service[] {
  const { files } = template;
  const stranger = files.find(({ service }) => !services.some(({ name }) => name === service));
  if (stranger) throw refused(`x-cep/files has one of "${stranger.service}", which is no service`);
  return services.map((service) => {
    const own = files.filter((file) => file.service === service.name);
    if (own.length === 0) return service;
    const all = [...(service.files ?? []), ...own.map((file) => toFile(file, template, lookup))];
    assertWritable(`x-cep/files: ${service.name}`, all, service);
    return { ...service, files: all };
  });
}

function toFile(file: TemplateFile, { written }: Template, lookup: Lookup): File {
  const { target, content, asset, mode, uid, gid, format } = file;
  const path = `x-cep/files ${target}`;
  if ((content === undefined) === (asset === undefined)) {
    throw refused(`${path} must have one of content and asset`);
  }
  const quoted: Lookup = (name) => {
    const value = lookup(name);
    return value === undefined ? undefined : escaped(value, format);
  };
  const text =
    content === undefined
      ? fileAt(written, path, asset ?? '')
      : atPath(path, () => interpolate(content, quoted));
  return { target, content: text, mode: Number.parseInt(mode, 8), uid, gid };
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
