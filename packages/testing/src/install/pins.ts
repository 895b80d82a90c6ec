import { unpacked } from './cache.ts';

/** A Debian package of one exact build, unpacked into the cache and never installed. */
export interface Pin {
  readonly name: string;
  readonly suite: string;
  readonly version: string;
  /** Of the package file, for each architecture that was tried. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** The versions that the tests were tried with. Take a newer one only together with a green run. */
export const pins = {
  engine: {
    name: 'docker.io',
    suite: 'trixie',
    version: '26.1.5+dfsg1-9+deb13u1',
    sha256: { amd64: '142fe32f839a20720b2e6074b8d28d883b01bc45345f7315586b0c2d348dae87' },
  },
  dockerCli: {
    name: 'docker-cli',
    suite: 'trixie',
    version: '26.1.5+dfsg1-9+deb13u1',
    sha256: { amd64: 'e78ac35b7a21652546ca1a739f63e4f31fe52e4385a9baf7020be400c594f23d' },
  },
  compose: {
    name: 'docker-compose',
    suite: 'sid',
    version: '2.40.3-3',
    sha256: { amd64: 'e7603d5e6df0f8404f7b03da478022b87d7b50644cffe68884b071e5cfc17fd3' },
  },
  nebula16: {
    name: 'nebula',
    suite: 'bookworm',
    version: '1.6.1+dfsg-3+b4',
    sha256: { amd64: '7a87a0ef1217215afbba9bb891cccc5c1bc22bd496913e9f47adb4073eec6a06' },
  },
  nebula19: {
    name: 'nebula',
    suite: 'trixie',
    version: '1.9.3+dfsg-6+b2',
    sha256: { amd64: 'c8e510399c894098133758ea5613e1bbfd1fd2f5fcad8f1d63c19066e5007142' },
  },
  nebula111: {
    name: 'nebula',
    suite: 'sid',
    version: '1.11.0+dfsg-1',
    sha256: { amd64: '18d5545463e8db3b24134cd6fcae90941dffda43d58d79da02e57cdff9020b78' },
  },
} as const satisfies Record<string, Pin>;

/** The folder that a pinned package was unpacked into, if the installer has run. */
export function folderOf(pin: Pin): string {
  return unpacked(pin.name, pin.version);
}
