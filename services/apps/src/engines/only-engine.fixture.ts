import type { Engine } from '../engine/engine.ts';
import { createLimit } from '../reconciler/limit.ts';
import { createProber } from '../reconciler/prober.ts';
import { LOCAL } from './local.ts';
import type { Engines } from './registry.ts';
import { noSight } from './sight.ts';

/** For tests of what is above it: one engine, which is always reached. */
export function onlyEngine(engine: Engine): Engines {
  const member = {
    ...{ name: LOCAL, engine, machine: { platform: 'linux/amd64' }, prober: createProber(engine) },
    hostAddresses: async () => ['127.0.0.1'],
    limits: { steps: createLimit(4), pulls: () => createLimit(3) },
    sight: { ...noSight, freeBytes: async () => undefined },
    ...{ lost: () => undefined, foundAt: () => 0, description: () => undefined, stop() {} },
  };
  return {
    ...{
      of: async () => member,
      names: () => [LOCAL],
      reached: () => [member],
      lost: () => undefined,
    },
    ...{ sync: async () => {}, stop() {} },
  };
}
