/** The value of a variable that the rig sets; fails with a sentence where no rig is running. */
export function fromRig(variable: string): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(
    `${variable} is not set: run "npm test", or "pnpm rig" beside "pnpm jest", and guard with requires().`,
  );
}
