import { buildImages } from './images.ts';
import { installPinned } from './pinned.ts';
import { pins } from './pins.ts';
import { type SuiteSource, suiteSource } from './suites.ts';
import { installSystemPackages } from './system.ts';
import { unpackSystemd } from './systemd.ts';

/** `scripts/install-test-components`: everything that the rig can use, on Debian, as root. */
const sources = new Map<string, Promise<SuiteSource>>();

/** Each suite's lists are read once, and only if something of it is wanted. */
function source(suite: string): Promise<SuiteSource> {
  const known = sources.get(suite) ?? suiteSource(suite);
  sources.set(suite, known);
  return known;
}

await installSystemPackages();
for (const pin of Object.values(pins)) await installPinned(pin, source);
await unpackSystemd(source);
await buildImages(source);
