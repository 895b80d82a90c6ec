/**
 * Whether the way to a folder is safe to build on: whoever else may change a part of it could lead the
 * volumes in it, and with them an app, to any place of the machine. Pure.
 */
import { MACHINE } from '../engine/pool-scripts.ts';
import { wayTo } from './path.ts';

/** What there is at one path; links are not followed. */
export interface Spot {
  readonly path: string;
  /** A user's number. */
  readonly owner: number;
  readonly mode: number;
  /** As `stat` says, e.g. `directory`. */
  readonly kind: string;
}

const LINE = new RegExp(`^(\\d+) ([0-7]+) ([^|]+)\\|${MACHINE}(/.*)$`);

/** @param lines  as the script `look` prints them */
export const readSpots = (lines: readonly string[]): Spot[] =>
  lines.flatMap((line) => {
    const [, owner, mode, kind = '', path = ''] = LINE.exec(line) ?? [];
    if (owner === undefined || mode === undefined) return [];
    return { path, owner: Number(owner), mode: Number.parseInt(mode, 8), kind };
  });

const WRITABLE_BY_OTHERS = 0o022;

/** @returns what is wrong, as a sentence; nothing when a folder may be made there, or is good */
export function flawOf(path: string, spots: readonly Spot[]): string | undefined {
  if (!spots.some((spot) => spot.path === '/')) return 'The machine could not be looked at.';
  return wayTo(path)
    .map((part) => spots.find((spot) => spot.path === part))
    .map((spot) => spot && flawIn(spot))
    .find((flaw) => flaw !== undefined);
}

const ADVICE = 'take one that root alone may change, such as a new one below /srv';

function flawIn({ path, owner, mode, kind }: Spot): string | undefined {
  if (kind === 'symbolic link') return `${path} is a link: give the path that it leads to.`;
  if (kind !== 'directory') return `${path} is not a folder.`;
  if (owner !== 0) return `${path} belongs to user ${owner}: ${ADVICE}.`;
  if (mode & WRITABLE_BY_OTHERS) return `${path} may be written by others than root: ${ADVICE}.`;
  return undefined;
}
