/**
 * A database that cep does not know: its template has the programs that dump and load it, which are run as
 * they are written. That a dump is whole is told by what is printed after it, once its program has ended well.
 */
import { COMPLETE, type Kind } from './kind.ts';

const TRAILER = `\n${COMPLETE}\n`;

export const own: Kind = {
  loadsWhileRunning: true,
  trailer: TRAILER,
  dump: `"$@" && printf '\\n%s\\n' '${COMPLETE}'`,
  load: 'exec "$@"',
  // Of a program that prints nothing there is nothing to load.
  isWhole: ({ bytes, tail }) => bytes > TRAILER.length && tail.toString('latin1').endsWith(TRAILER),
};
