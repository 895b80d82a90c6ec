/** Which images may run: what a name may look like, and which registries it may stand in. */
import { type Check, isText, refuse, type Scope } from './judge.ts';

const NAME = /^\w[\w.-]*(:\d{1,5})?(\/\w[\w.-]*)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;

/** What is on the machine already, by its own id: its name was judged when that was looked up. */
const ID = /^sha256:[0-9a-f]{64}$/;

/** Docker's own registry is meant where a name begins with none, told by a dot, a port or a capital. */
const whole = (image: string): string => {
  const [first = '', ...rest] = image.split('/');
  if (rest.length === 0) return `docker.io/library/${image}`;
  return /[.:A-Z]|^localhost$/.test(first) ? image : `docker.io/${image}`;
};

/** @returns e.g. `docker.io` */
export const registryOf = (image: string): string => whole(image).split('/')[0] ?? '';

/** @param registries  e.g. `docker.io/library`, `registry.example/team`: each with all that is below it */
const stands = (image: string, registries: readonly string[]): boolean =>
  ID.test(image) ||
  registries.some((registry) => whole(image).startsWith(`${registry.replace(/\/+$/, '')}/`));

export const image: Check = (given, { registries }: Scope, path) => {
  if (!isText(given) || given.length > 512 || !NAME.test(given)) {
    return refuse('image', path, 'must be an image');
  }
  if (!registries || stands(given, registries)) return undefined;
  return refuse('registry', path, `must be of ${registries.join(', ')}`);
};
