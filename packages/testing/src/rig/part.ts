import type { RigEnvironment } from '../components.ts';

/** A component that runs: what tests need to reach it, and its end. */
export interface Part {
  readonly env: RigEnvironment;
  stop(): Promise<void>;
}
