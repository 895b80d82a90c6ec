import { Problem } from '@cep/contracts/problems';
import type { Lookup } from './interpolate.ts';
import type { Port } from './model.ts';

/** A published port as its entry of `ports` has it. */
export interface PortWish extends Pick<Port, 'published' | 'protocol'> {
  /** Whether the entry says which port, and not only that of the container. */
  readonly isSaid: boolean;
}

/** What the readers of a document's parts need besides the part. */
export interface Context {
  readonly lookup: Lookup;
  /** Whether just that port will do; if not, it may be the next free one. */
  readonly fixed: (service: string, entry: number, port: PortWish) => boolean;
  /** Texts beside the compose file, by their path below its folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** What an administrator has granted to the app, e.g. `host-port:53/udp`. */
  readonly granted?: (permission: string) => boolean;
  /** Of the machine that runs the apps, e.g. `linux/amd64`; absent: any is taken. */
  readonly platform?: string;
  /** Told what runs otherwise than a reader of the file may think; a sentence that begins with a path. */
  readonly note?: (sentence: string) => void;
}

export const refused = (path: string, why: string): Problem =>
  new Problem('invalid-request', `${path} ${why}.`);

/**
 * A path of the file's own folder as {@link Context.files} has it: `./a/b` is `a/b`.
 *
 * @throws {Problem} `invalid-request` for one that leaves the folder
 */
export function insidePath(path: string, text: string): string {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  if (/^[/~]/.test(text) || parts.includes('..') || /[\0\\]/.test(text)) {
    throw refused(path, `names "${text}", which is not inside the folder of the file`);
  }
  return parts.join('/');
}

/** @throws {Problem} `invalid-request` when there is no such file beside the compose file */
export function fileAt({ files = {} }: Pick<Context, 'files'>, path: string, text: string): string {
  const inside = insidePath(path, text);
  const content = Object.hasOwn(files, inside) ? files[inside] : undefined;
  if (content !== undefined) return content;
  throw refused(path, `names the file "${text}", which is not beside the compose file`);
}
