/** What an update changes, for who has to agree to it. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Review } from '@cep/contracts/plans';
import type { RenderedApp, Service } from '../compose/model.ts';
import type { Verdict } from '../renderings/verdict.ts';
import type { Template } from '../templates/template.ts';

interface Update {
  readonly version: Review['version'];
  /** As it was written down. */
  readonly before: RenderedApp;
  readonly after: RenderedApp;
  readonly template: Pick<Template, 'permissions'>;
  readonly needed: Verdict['needed'];
  /** Permissions that the app has, or is given now. */
  readonly granted: readonly string[];
}

export function reviewOf({ version, before, after, template, needed, granted }: Update): Review {
  return {
    version,
    permissions: needed.map(({ permission, path }) => ({
      permission,
      path,
      reason: template.permissions.find((each) => each.permission === permission)?.reason ?? null,
      granted: granted.includes(permission),
    })),
    // What was written down has been JSON.
    changes: changesOf(before.services, JSON.parse(JSON.stringify(after.services))),
    notes: [...(after.notes ?? [])],
  };
}

function changesOf(before: readonly Service[], after: readonly Service[]): Review['changes'] {
  const gone = before.filter(({ name }) => !after.some((each) => each.name === name));
  const there = after.flatMap((service): Review['changes'] => {
    const was = before.find(({ name }) => name === service.name);
    if (!was) return [{ service: service.name, is: 'new', what: [] }];
    const what = membersThatDiffer(was, service);
    return what.length > 0 ? [{ service: service.name, is: 'changed', what }] : [];
  });
  return [
    ...there,
    ...gone.map(({ name: service }) => ({ service, is: 'gone' as const, what: [] })),
  ];
}

function membersThatDiffer(before: Service, after: Service): string[] {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const members = [...new Set([...was.keys(), ...is.keys()])];
  return members.filter((name) => !isDeepStrictEqual(was.get(name), is.get(name))).toSorted();
}
