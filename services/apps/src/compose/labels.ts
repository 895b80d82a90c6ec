import { isFreeAnnotation, isFreeLabel } from '../engine/policy/labels.ts';
import { refused } from './context.ts';
import { entriesOf } from './environment.ts';
import type { ComposeService } from './schema.ts';

const NAME = /^[A-Za-z0-9]([A-Za-z0-9_./-]{0,126}[A-Za-z0-9])?$/;
const LONGEST = 4096;

/** @throws {Problem} `invalid-request` that begins with `path` */
export const readLabels = (path: string, given: ComposeService['labels']) =>
  read(path, given, {
    isFree: isFreeLabel,
    why: 'speaks to cep, Docker or a program that watches Docker: take it out',
  });

/** @throws {Problem} `invalid-request` that begins with `path` */
export const readAnnotations = (path: string, given: ComposeService['annotations']) =>
  read(path, given, {
    isFree: isFreeAnnotation,
    why: 'may speak to the runtime: only plain words and org.opencontainers.image.… are taken',
  });

interface Names {
  readonly isFree: (name: string) => boolean;
  readonly why: string;
}

function read(path: string, given: ComposeService['labels'], { isFree, why }: Names) {
  const entries = entriesOf(given).map(([name, value]) => {
    if (!NAME.test(name)) throw refused(path, `has "${name}", which is no name for one`);
    if (!isFree(name)) throw refused(path, `has "${name}", which ${why}`);
    const text = value ?? '';
    if (text.length > LONGEST || text.includes('\0')) {
      throw refused(`${path}/${name}`, `must be text of at most ${LONGEST} characters`);
    }
    return [name, text] as const;
  });
  return Object.fromEntries(entries);
}
