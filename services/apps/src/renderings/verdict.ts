/** What the policy says of an app that is not there yet. Pure. */
import { Problem } from '@cep/contracts/problems';
import { OWN_FILE } from '@cep/contracts/templates';
import type { RenderedApp } from '../compose/model.ts';
import type { Owner } from '../engine/labels.ts';
import { type AppIdentity, containerName, projectOf, volumeName } from '../engine/names.ts';
import { type Binding, containerPayload } from '../engine/payload.ts';
import { type Needed, permissionsOf } from '../engine/permissions.ts';
import {
  judgeContainer,
  judgeFiles,
  judgeImage,
  type Refusal,
  type Scope,
} from '../engine/policy.ts';
import { FRONT } from '../front/front.ts';
import type { Template } from '../templates/template.ts';

export interface Asked {
  readonly app: AppIdentity;
  readonly owner: Owner;
  readonly address: string;
  readonly granted: ReadonlySet<string>;
  readonly registries?: Scope['registries'];
}

export interface Verdict {
  /** What it needs that has to be granted. */
  readonly needed: readonly Needed[];
  /** What the policy has against it, by service. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** What it has against it whatever is granted. */
  readonly hopeless: ReadonlyMap<string, Refusal>;
}

/** @throws {Problem} `invalid-request` for a template that needs more than its header says */
export function judgeApp(
  template: Pick<Template, 'permissions' | 'store'>,
  rendered: RenderedApp,
  asked: Asked,
): Verdict {
  const needed = permissionsOf(rendered);
  assertDeclared(template, needed);
  const everything = new Set(needed.map(({ permission }) => permission));
  return {
    needed,
    refusals: refusalsOf(rendered, asked),
    hopeless: refusalsOf(rendered, { ...asked, granted: everything }),
  };
}

/** Whoever reads the header of a template is to see all that it asks for. */
function assertDeclared(
  { permissions, store }: Pick<Template, 'permissions' | 'store'>,
  needed: readonly Needed[],
): void {
  if (store === OWN_FILE) return;
  const silent = needed.find(
    ({ permission }) => !permissions.some((each) => each.permission === permission),
  );
  if (!silent) return;
  const { path, permission } = silent;
  const sentence = `${path} asks for ${permission}, which x-cep/permissions does not have.`;
  throw new Problem('invalid-request', sentence);
}

/** By service; what is not in it is allowed. Each is judged on what the engine would be asked. */
export function refusalsOf(rendered: RenderedApp, asked: Asked): Map<string, Refusal> {
  const { app, owner, address, granted, registries } = asked;
  const bindings = rendered.services.flatMap(({ name: service, ports }) =>
    ports.map(
      ({ target, protocol, published: port }): Binding => ({
        service,
        target,
        protocol,
        address,
        port,
      }),
    ),
  );
  const scope: Scope = {
    instance: owner.instance,
    appId: app.id,
    network: projectOf(app),
    volumes: rendered.volumes.map((volume) => volumeName(app, volume)),
    containers: rendered.services.map(({ name }) => containerName(app, name)),
    address,
    granted,
    registries,
  };
  const refusals = rendered.services.flatMap((service) => {
    const payload = containerPayload({ app, owner, bindings }, service, true);
    const refusal = judgeContainer(payload, scope) ?? judgeFiles(service.files ?? []);
    return refusal ? [[service.name, refusal] as const] : [];
  });
  const front = rendered.front && judgeImage(rendered.front.image, scope);
  return new Map(front ? [...refusals, [FRONT, front]] : refusals);
}

/** @throws {Problem} `app-refused` naming the service, the rule and the way out */
export function assertAllowed(refusals: ReadonlyMap<string, Refusal>): void {
  const [first] = refusals;
  if (!first) return;
  const [service, { rule, path, message, remedy }] = first;
  throw new Problem('app-refused', `${service}: ${message} (${rule}). ${remedy}`, {
    members: { refusal: { service, rule, path, message, remedy } },
  });
}
