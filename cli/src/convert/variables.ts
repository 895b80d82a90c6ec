/** Variables and passwords of another store's app, as parameters of ours. */
import { type Draft, line, type Parameter, type Tree } from './draft.ts';

const VARIABLE = /\$\$|\$(\w+)|\$\{(\w+)(?:(:?[-?+])((?:[^{}]|\{[^}]*\})*))?\}/g;
const SECRET = /(PASS(WORD|WD)?|PWD|SECRET|TOKEN|API_?KEY|SECRET_?KEY|ENCRYPTION_?KEY)$/i;
/** What other stores fill in by themselves. */
const BUILTINS: Readonly<Record<string, string>> = {
  TZ: '${CEP_TZ}',
  PUID: '${CEP_UID}',
  PGID: '${CEP_GID}',
  AppID: '${CEP_APP_NAME}',
};

/** Replaces the variables of a text by parameters of the draft, which are added to it. */
export function convertText(draft: Draft, text: string): string {
  return text.replace(VARIABLE, (whole, bare, braced, operator = '', word = '') => {
    if (whole === '$$') return whole;
    const name: string = bare ?? braced;
    const builtin = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
    if (builtin !== undefined) return builtin;
    const ours = name.startsWith('CEP_') || /^\d/.test(name) ? `APP_${name}` : name;
    if (!draft.has(ours))
      draft.parameters.push(parameterFor(ours, operator.endsWith('-') ? word : ''));
    return operator.endsWith('+') ? whole.replace(name, ours) : `\${${ours}}`;
  });
}

function parameterFor(name: string, standard: string): Parameter {
  if (SECRET.test(name)) return secret(name);
  const isPlain = !/[$\r\n\0]/.test(standard);
  return { name, type: 'string', label: name, default: isPlain ? standard : '' };
}

const secret = (name: string): Parameter => ({
  ...{ name, type: 'password', label: name, generate: { kind: 'alnum' }, immutable: true },
});

export const convertTree = (draft: Draft, tree: Tree): Tree => {
  if (typeof tree === 'string') return convertText(draft, tree);
  if (Array.isArray(tree)) return tree.map((item) => convertTree(draft, item));
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, item]) => [key, convertTree(draft, item)]),
  );
};

type Environments = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Puts a generated parameter in the place of each password that is written down, wherever it is
 * used: the same password in two services stays the same.
 *
 * @param environments  by service
 */
export function generateSecrets(draft: Draft, environments: Environments) {
  const names = new Map<string, string>();
  for (const [service, environment] of Object.entries(environments)) {
    for (const [key, value] of Object.entries(environment)) {
      if (!SECRET.test(key) || value.length < 3 || /\$|^(true|false|yes|none)$|^\//i.test(value))
        continue;
      if (names.has(value)) continue;
      const name = draft.free(key.replace(/\W/g, '_').replace(/^(?=\d|CEP_)/, 'APP_'));
      names.set(value, name);
      draft.parameters.push(secret(name));
      draft.warn(`${service}: ${line(key, 60)} had a fixed value; it is made at random now.`);
    }
  }
  const longestFirst = [...names].toSorted(([a], [b]) => b.length - a.length);
  return (key: string, value: string): string => {
    const own = names.get(value);
    if (own !== undefined && SECRET.test(key)) return `\${${own}}`;
    const inUrl = longestFirst.find(([fixed]) => value.includes(`:${fixed}@`));
    return inUrl ? value.replace(`:${inUrl[0]}@`, `:\${${inUrl[1]}}@`) : value;
  };
}
