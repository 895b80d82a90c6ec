/** What the policy says of an app that is not there yet. Pure. */
import { Problem } from '@cep/contracts/problems';
import type { RenderedApp } from '../compose/model.ts';
import type { Owner } from '../engine/labels.ts';
import { type AppIdentity, containerName, projectOf, volumeName } from '../engine/names.ts';
import { type Binding, containerPayload } from '../engine/payload.ts';
import {
  judgeContainer,
  judgeFiles,
  judgeImage,
  type Refusal,
  type Scope,
} from '../engine/policy.ts';
import { FRONT } from '../front/front.ts';

export interface Asked {
  readonly app: AppIdentity;
  readonly owner: Owner;
  readonly address: string;
  readonly granted: ReadonlySet<string>;
  readonly registries?: Scope['registries'];
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
