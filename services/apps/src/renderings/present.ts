/** A rendered app as callers see it. Pure. */
import type { Rendering } from '@cep/contracts/renderings';
import type { Mount, RenderedApp, Service } from '../compose/model.ts';
import { limitsOf } from '../engine/limits.ts';
import type { Needed } from '../engine/permissions.ts';
import type { Refusal } from '../engine/policy.ts';
import type { Template } from '../templates/template.ts';
import { HIDDEN, hideEnvironment, hiding } from './hide.ts';

interface Rendered {
  readonly name: string;
  readonly template: Template;
  readonly address: string;
  readonly app: RenderedApp;
  readonly values: Readonly<Record<string, string>>;
  readonly secrets: ReadonlySet<string>;
  readonly needed: readonly Needed[];
  readonly granted: ReadonlySet<string>;
  readonly refusals: ReadonlyMap<string, Refusal>;
}

export function toRendering(rendered: Rendered): Rendering {
  const { name, template, address, app, values, secrets, needed, granted, refusals } = rendered;
  const hidden = [...secrets].flatMap((secret) => values[secret] || []);
  const { store, id, version } = template;
  return {
    name,
    store,
    template: id,
    version,
    address,
    services: app.services.map((service) => ({
      ...toService(service, hidden),
      refusal: refusals.get(service.name) ?? null,
    })),
    volumes: [...app.volumes],
    endpoints: app.endpoints.map(({ name: endpoint, service, port }) => ({
      name: endpoint,
      service,
      port,
    })),
    parameters: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, secrets.has(key) ? HIDDEN : value]),
    ),
    permissions: needed.map(({ permission, path }) => ({
      permission,
      path,
      reason: template.permissions.find((each) => each.permission === permission)?.reason ?? null,
      granted: granted.has(permission),
    })),
    notes: (app.notes ?? []).map(hiding(hidden)),
    deployable: refusals.size === 0,
  };
}

function toService(service: Service, hidden: readonly string[]) {
  const { name, image, command, environment, ports, mounts, files = [], dependsOn } = service;
  const hide = hiding(hidden);
  return {
    name,
    image: hide(image),
    command: command && command.map(hide),
    environment: hideEnvironment(environment, hide, hidden),
    ports: ports.map(({ target, protocol, published }) => ({ target, protocol, published })),
    mounts: mounts.map(toMount),
    files: files.map(({ target }) => target),
    dependsOn: dependsOn.map((each) => each.service),
    limits: limitsOf(service),
  };
}

function toMount(mount: Mount) {
  const { kind, target } = mount;
  if (mount.kind === 'tmpfs') return { kind, source: null, target, readOnly: false };
  const source = mount.kind === 'volume' ? mount.volume : mount.source;
  return { kind, source, target, readOnly: mount.readOnly };
}
