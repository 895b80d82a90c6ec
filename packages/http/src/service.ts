/**
 * A running service, as its `startX(config, shared)` gives it: the same in a process of its own and
 * beside the others in the standalone.
 */
export interface RunningService {
  /** Where the gateway reaches it. */
  readonly url: URL;
  /** Finishes what is under way, within a few seconds, and lets go of everything. */
  stop(): Promise<void>;
}
