/** What a request asks for, as far as it can be told before there is an app. */
import { randomBytes } from 'node:crypto';
import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import type { Grant } from '@cep/contracts/permissions';
import { Problem } from '@cep/contracts/problems';
import type { RenderedApp } from '../compose/model.ts';
import { asWished } from '../endpoints/variables.ts';
import type { Machine } from '../engine/machine.ts';
import { LOCAL } from '../engines/local.ts';
import { assertMayUse } from '../engines/may-use.ts';
import type { Document } from '../generations/document.ts';
import { assertGranted, assertMayGrant } from '../grants/grants.ts';
import { type Placement, placeOn } from '../networks/placement.ts';
import type { PoolWish } from '../pools/choose.ts';
import { assertAllowed, judgeApp, type Verdict } from '../renderings/verdict.ts';
import { getTemplate } from '../stores/templates.ts';
import { USER } from '../templates/builtins.ts';
import { readOwnFile } from '../templates/own-file.ts';
import { resolveParameters } from '../templates/parameters.ts';
import { render } from '../templates/render.ts';
import { sourcesOf, type Template } from '../templates/template.ts';
import type { Deps } from './deps.ts';
import { findHome } from './kept-store.ts';

type Body = Input<typeof contract.deployApp>['body'];

/** What one deployment asks for. */
export interface Wish {
  readonly template: Template;
  readonly name: string;
  readonly caller: UserCaller;
  readonly place: Placement;
  /** The name of the engine that it goes to. */
  readonly engine: string;
  /** Of that engine. */
  readonly machine: Machine;
  readonly requested: Readonly<Record<string, string>>;
  readonly grants: readonly Grant[];
  /** Where its volumes are to be; nothing when that is not said. */
  readonly pools: PoolWish | undefined;
}

/**
 * @throws {Problem} `forbidden` for grants by who is no administrator, and for an engine that is not
 *   open to the project; `not-found` for a template, a network or an engine; `not-connected`;
 *   `invalid-request` for a file that is wrong
 */
export async function readWish(deps: Deps, body: Body, caller: UserCaller): Promise<Wish> {
  const { network, parameters, grants = [], pools } = body;
  assertMayGrant(caller, grants);
  const template = await findTemplate(deps, body, caller);
  const { projectId } = caller;
  const name = body.name ?? template.id;
  const source = { name, store: template.store, template: template.id };
  const home = await findHome(deps.db, projectId, source);
  const on = body.engine ?? home ?? LOCAL;
  if (on !== home) await assertMayUse(deps.db, on, caller);
  const { machine, hostAddresses } = await deps.engines.of(on);
  return {
    template,
    name,
    caller,
    engine: on,
    machine,
    place: await placeOn(deps.db, { projectId, network, engine: on }, hostAddresses),
    requested: parameters,
    grants,
    pools,
  };
}

async function findTemplate(
  { db, store: builtin }: Deps,
  body: Body,
  caller: UserCaller,
): Promise<Template> {
  const { compose, files = {}, template, name, store = builtin.name } = body;
  if ((compose === undefined) === (template === undefined)) {
    throw new Problem('invalid-request', 'Give a template or a compose file, one of the two.');
  }
  if (compose !== undefined) return readOwnFile({ compose, files, name });
  if (Object.keys(files).length > 0) {
    throw new Problem(
      'invalid-request',
      'Files go with a compose file of your own, not a template.',
    );
  }
  return getTemplate({ db, builtin }, { store, id: template ?? '' }, caller);
}

/** What is rendered, and for whom it is judged. */
export interface Planned extends Pick<Wish, 'template' | 'name' | 'requested' | 'machine'> {
  readonly caller: Pick<UserCaller, 'projectId'>;
  readonly place: Pick<Placement, 'address'>;
  readonly grants: readonly Pick<Grant, 'permission'>[];
}

/** An app and the values of its parameters. */
interface Rendered {
  readonly rendered: RenderedApp;
  readonly values: Readonly<Record<string, string>>;
}

export interface Plan extends Rendered, Verdict {
  /** As it would be with the ports that are wanted; what is kept does not know its ports. */
  readonly shown: Rendered;
  readonly secrets: ReadonlySet<string>;
  readonly granted: ReadonlySet<string>;
}

/**
 * Renders what is asked for and has it judged; nothing is written down.
 *
 * @param made  values of before: what was generated or is immutable stays, for data that is still there
 * @throws {Problem} `invalid-request` that names the parameter or the path
 */
export function planApp(
  { timezone, language, instance, registries }: Deps,
  { template, name, caller, place, machine, requested, grants }: Planned,
  { id, made }: { readonly id: string; readonly made: Readonly<Record<string, string>> },
): Plan {
  const again = template.parameters.flatMap(({ name: parameter, generate, immutable }) =>
    (generate || immutable) && made[parameter] !== undefined ? [[parameter, made[parameter]]] : [],
  );
  const given = { ...Object.fromEntries(again), ...requested };
  const builtins = {
    CEP_APP_ID: id,
    CEP_APP_NAME: name,
    CEP_HOST: place.address,
    CEP_TZ: timezone,
    CEP_LANG: language,
    ...USER,
  };
  const { values, secrets } = resolveParameters(template, given, {
    random: randomBytes,
    ...sourcesOf(template, builtins),
  });
  const granted = new Set(grants.map(({ permission }) => permission));
  const rendered = render(template, values, builtins, { granted, machine });
  const shown = asWished({ rendered, values }, rendered, place.address);
  const asked = {
    ...{ app: { id, name, generation: 1 }, owner: { instance, projectId: caller.projectId } },
    ...{ address: place.address, granted, registries },
  };
  return {
    ...{ rendered, values, shown, secrets, granted },
    ...judgeApp(template, shown.rendered, asked),
  };
}

/**
 * @returns what of a plan is kept with the app
 * @throws {Problem} `app-refused` when the policy is against it; `permission-needed`
 */
export function approve(plan: Plan): Pick<Document, 'rendered' | 'parameters' | 'sensitive'> {
  const { rendered, values, secrets, needed, granted, refusals, hopeless } = plan;
  assertAllowed(hopeless);
  assertGranted(needed, granted);
  assertAllowed(refusals);
  return { rendered, parameters: values, sensitive: [...secrets] };
}
