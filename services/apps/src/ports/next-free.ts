const HIGHEST = 65_535;

/**
 * @param taken  ports in use, ascending and distinct, none below `from`
 * @returns the lowest free port from `from` up; nothing when none is left
 */
export function nextFree(from: number, taken: readonly number[]): number | undefined {
  const gap = taken.findIndex((port, index) => port !== from + index);
  const port = from + (gap === -1 ? taken.length : gap);
  return port <= HIGHEST ? port : undefined;
}
