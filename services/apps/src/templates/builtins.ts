/** The variables that cep itself gives to every app. */
import { Problem } from '@cep/contracts/problems';
import type { Endpoint } from '../compose/model.ts';
import { faultOf, isEndpointVariable, placeholderOf } from '../endpoints/variables.ts';

const BUILTINS = [
  ...(['CEP_APP_ID', 'CEP_APP_NAME', 'CEP_HOST', 'CEP_TZ'] as const),
  ...(['CEP_LANG', 'CEP_UID', 'CEP_GID'] as const),
] as const;

/**
 * `CEP_APP_ID`: a UUID; `CEP_APP_NAME`: its DNS label; `CEP_HOST`: the address its ports are bound
 * to; `CEP_TZ`: a time zone such as `Europe/Rome`; `CEP_LANG`: a language tag such as `en-US`;
 * `CEP_UID` and `CEP_GID`: numbers of a user and a group without rights. Those of endpoints are not
 * among them: see endpoints/variables.ts.
 */
export type Builtins = Readonly<Record<(typeof BUILTINS)[number], string>>;

/** Whom apps may run as, where they can choose: nobody in particular, and never root. */
export const USER = { CEP_UID: '1000', CEP_GID: '1000' };

/** What other variables of cep's name would be, and why they are not there. */
const ABSENT: readonly (readonly [start: string, why: string])[] = [
  ['CEP_OIDC_', 'cep makes no sign-in clients for apps yet: write the settings as parameters'],
  ['CEP_SMTP_', 'cep knows no mail server: write its settings as parameters'],
  ['CEP_OVERLAY_IP', 'CEP_HOST is that address'],
  [
    'CEP_NETWORK_CIDR',
    'an app is not told the range of its network; CEP_HOST is its address there',
  ],
];

/** @param endpoints  those that the app has; left out: they are not known yet, and any may be meant */
interface Known {
  readonly endpoints?: readonly Pick<Endpoint, 'name'>[] | undefined;
}

/** @throws {Problem} `invalid-request` for a name that neither a template nor cep knows */
export function assertBuiltin(name: string, { endpoints }: Known, path?: string): void {
  if (BUILTINS.some((known) => known === name)) return;
  const fault = isEndpointVariable(name)
    ? endpoints && faultOf(name, endpoints)
    : `${name} is neither a parameter nor built in${absenceOf(name)}`;
  if (fault) throw new Problem('invalid-request', `${path ? `${path}: ` : ''}${fault}.`);
}

function absenceOf(name: string): string {
  const absent = ABSENT.find(([start]) => name.startsWith(start));
  return absent ? `: ${absent[1]}` : '';
}

/**
 * @returns the value, or what stands for it until the ports of the app are claimed
 * @throws {Problem} `invalid-request` as {@link assertBuiltin}
 */
export function builtin(name: string, values: Builtins, known: Known): string {
  assertBuiltin(name, known);
  const fixed = BUILTINS.find((each) => each === name);
  return fixed ? values[fixed] : placeholderOf(name);
}
