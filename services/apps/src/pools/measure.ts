/** Reads what the scripts `measure` and `space` print. Pure. */

export interface Measure {
  /** Of the file system, in bytes. */
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** Bytes on the disk, by volume. */
  readonly sizes: ReadonlyMap<string, number>;
}

const KIBIBYTE = 1024;

/** `df -P`: file system, KiB in all, used, free, per cent, where. Names of file systems may have spaces. */
const SPACE = /\s(\d+)\s+\d+\s+(\d+)\s+\S+%\s+\//;

/** @throws {Error} when the first line is none of `df` */
export function readMeasure([space = '', ...volumes]: readonly string[]): Measure {
  const [, total, free] = SPACE.exec(space) ?? [];
  if (total === undefined) throw new Error('the space of a pool was not said');
  return {
    totalBytes: Number(total) * KIBIBYTE,
    freeBytes: Number(free) * KIBIBYTE,
    sizes: new Map(
      volumes.flatMap((line) => {
        const [, size, name = ''] = /^(\d+)\t(.+)$/.exec(line) ?? [];
        return size === undefined ? [] : [[name, Number(size) * KIBIBYTE] as const];
      }),
    ),
  };
}
