/** Nebula's own versions, as `nebula -version` names them. */

interface NebulaVersion {
  readonly patch: number;
  is(major: number, minor: number): boolean;
  atLeast(major: number, minor: number): boolean;
}

/** @param text  e.g. `1.6.1`; what is no version is older than every one */
export function parseVersion(text: string): NebulaVersion {
  const [major = 0, minor = 0, patch = 0] = text
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
  return {
    patch,
    is: (one, two) => major === one && minor === two,
    atLeast: (one, two) => major > one || (major === one && minor >= two),
  };
}

/** Whether it reads version 2 certificates, and with them IPv6 on the overlay (`cert/cert_v2.go`). */
export const readsVersion2 = (nebulaVersion: string): boolean =>
  parseVersion(nebulaVersion).atLeast(1, 10);
