/** The machine of an engine, as far as it decides what can run there. */
export interface Machine {
  /** e.g. `linux/amd64`. */
  readonly platform: string;
  /** Absent: the engine was not met yet. */
  readonly capacity?: Capacity;
}

export interface Capacity {
  readonly memoryBytes: number;
  readonly cpus: number;
}
