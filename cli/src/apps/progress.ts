/** How far an operation is, as text. */
import type { Operation } from '@cep/contracts/operations';
import { printable } from '../printable.ts';

/** e.g. `redis:7  12.3/40.1 MB  31%`, with how many images wait behind it; else the step. Pure. */
export function progressLine({ step, pulls }: Pick<Operation, 'step' | 'pulls'>): string {
  const open = pulls.filter(
    ({ doneBytes, totalBytes }) => totalBytes === 0 || doneBytes < totalBytes,
  );
  const [first, ...more] = open;
  if (!first) return step;
  const { image, doneBytes, totalBytes } = first;
  const waiting = more.length > 0 ? `  (+${more.length} more)` : '';
  if (totalBytes === 0) return `${image}  waiting${waiting}`;
  const percent = Math.floor((doneBytes / totalBytes) * 100);
  return `${image}  ${megabytes(doneBytes)}/${megabytes(totalBytes)} MB  ${percent}%${waiting}`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows progress: one line that is redrawn on a terminal; elsewhere a line per step and per image,
 * for logs that grow with every byte help nobody.
 */
export function progressOn(screen: Screen) {
  let last = '';
  return {
    show(operation: Operation): void {
      const text = screen.isTTY
        ? printable(progressLine(operation)).slice(0, (screen.columns ?? 80) - 1)
        : plainLine(operation);
      if (text === last) return;
      last = text;
      screen.write(screen.isTTY ? `\r${text}\x1b[K` : `${text}\n`);
    },
    /** Leaves the terminal at the beginning of an empty line. */
    clear(): void {
      if (screen.isTTY && last) screen.write('\r\x1b[K');
      last = '';
    },
  };
}

function plainLine({ step, pulls }: Operation): string {
  const open = pulls.find(({ doneBytes, totalBytes }) => doneBytes < totalBytes);
  return open ? `pulling ${open.image} (${megabytes(open.totalBytes)} MB)` : step;
}
