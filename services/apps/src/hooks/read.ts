/** The hooks of a template as they are run. Pure. */
import { Problem } from '@cep/contracts/problems';
import { atPath } from '../compose/at-path.ts';
import { interpolate, type Lookup } from '../compose/interpolate.ts';
import type { Hook, Service } from '../compose/model.ts';
import { durationAt } from '../compose/quantities.ts';
import type { Template } from '../templates/template.ts';

const PHASES = ['postInstall', 'preUpdate', 'postUpdate', 'preDestroy'] as const;

/** @throws {Problem} `invalid-request` that names the hook */
export function readHooks(
  { hooks = {} }: Pick<Template, 'hooks'>,
  services: readonly Service[],
  lookup: Lookup,
): Hook[] {
  if (hooks.preDeploy) {
    throw refused(
      'x-cep/hooks/preDeploy is not run: nothing runs yet: write a service that ends, and depends_on with service_completed_successfully',
    );
  }
  if (hooks.preDestroy?.onFailure === 'abort') {
    throw refused(
      'x-cep/hooks/preDestroy must have onFailure: warn: an app can always be destroyed',
    );
  }
  return PHASES.flatMap((phase) => {
    const hook = hooks[phase];
    if (!hook) return [];
    const path = `x-cep/hooks/${phase}`;
    if (!services.some(({ name }) => name === hook.service)) {
      throw refused(`${path} is for "${hook.service}", which is no service`);
    }
    const environment = Object.entries(hook.environment ?? {}).map(
      ([name, value]) => [name, atPath(path, () => interpolate(value, lookup))] as const,
    );
    return {
      phase,
      service: hook.service,
      command: hook.command,
      environment: Object.fromEntries(environment),
      timeout: durationAt(`${path}/timeout`, hook.timeout),
      isVital: hook.onFailure === 'abort',
    };
  });
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
