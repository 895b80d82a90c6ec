/** What people are told of an app that runs: how to begin, and as whom. Pure. */
import type { AppDetails } from '@cep/contracts/apps';
import { Problem } from '@cep/contracts/problems';
import { atPath } from '../compose/at-path.ts';
import { interpolate, type Lookup } from '../compose/interpolate.ts';
import type { Welcome } from '../compose/model.ts';
import { domainVariable } from '../endpoints/variables.ts';
import type { Document } from '../generations/document.ts';
import { HIDDEN } from '../renderings/hide.ts';
import { isSensitive } from './parameters.ts';
import type { XCep } from './x-cep.ts';

type Said = Pick<XCep, 'notes' | 'credentials' | 'firstRunPath' | 'parameters' | 'endpoints'>;

/** As those of addresses: stands for a secret, which is shown only to who asks. */
const SECRET = /\uFDD2([A-Za-z0-9_]+)\uFDD3/g;
const secretOf = (name: string): string => `\uFDD2${name}\uFDD3`;

/**
 * @returns nothing where a template says nothing; what it has of secrets is not in it
 * @throws {Problem} `invalid-request` that names the path
 */
export function welcomeOf(
  { notes, credentials = [], firstRunPath, parameters, endpoints }: Said,
  lookup: Lookup,
): Welcome | undefined {
  if (notes === undefined && credentials.length === 0 && firstRunPath === undefined) {
    return undefined;
  }
  const secrets = new Set(parameters.filter(isSensitive).map(({ name }) => name));
  const shown: Lookup = (name) => {
    const value = lookup(name);
    return secrets.has(name) ? secretOf(name) : value;
  };
  const text = (path: string, given: string) => atPath(path, () => interpolate(given, shown));
  return {
    notes: notes === undefined ? null : text('x-cep/notes', notes),
    credentials: credentials.map(({ label, user, passwordParam }, index) => ({
      label,
      user: user === undefined ? null : text(`x-cep/credentials/${index}/user`, user),
      password: passwordParam === undefined ? null : secretOf(passwordParam),
    })),
    firstRun: firstRunPath === undefined ? null : firstRun(endpoints, firstRunPath, lookup),
  };
}

/** A page of the main endpoint, or of the first that a browser opens. */
function firstRun(endpoints: Said['endpoints'], path: string, lookup: Lookup): string {
  const pages = endpoints.filter(({ scheme }) => scheme === 'http' || scheme === 'https');
  const page = pages.find(({ main }) => main) ?? pages[0];
  if (page) return `${page.scheme}://${lookup(domainVariable(page))}${path}`;
  throw new Problem(
    'invalid-request',
    'x-cep/firstRunPath needs an endpoint that is http or https.',
  );
}

/** @param secrets  whether secrets are to be seen */
export function greet(
  { rendered: { welcome }, parameters, sensitive }: Document,
  secrets: boolean,
): AppDetails['welcome'] {
  if (!welcome) return null;
  const fill = (text: string): string =>
    text.replace(SECRET, (_, name: string) => {
      if (!secrets && sensitive.includes(name)) return HIDDEN;
      return Object.hasOwn(parameters, name) ? (parameters[name] ?? '') : '';
    });
  const filled = (text: string | null) => (text === null ? null : fill(text));
  return {
    notes: filled(welcome.notes),
    credentials: welcome.credentials.map(({ label, user, password }) => ({
      ...{ label, user: filled(user), password: filled(password) },
    })),
    firstRun: welcome.firstRun,
  };
}
