/** What carries events from one service's outbox to the others' queues. */

/** A stated fact under way. `id` tells it from every other; it is the same at each delivery. */
export interface Message {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
}

/** Where messages of one name wait for one handler. */
export interface Queue {
  readonly name: string;
  /** The name of the messages that it takes. */
  readonly event: string;
  /** Settles the message, or throws and has left nothing behind. May be given a message again. */
  receive(message: Message): Promise<void>;
  /** Settles the message by keeping it aside with the `error` that the last attempt ended in. */
  bury(message: Message, error: unknown): Promise<void>;
}

export type TransportState = 'connected' | 'reconnecting';

/**
 * At least once, in order: a message that {@link send} has taken is received, one at a time per
 * queue, until that succeeds or {@link MAX_RETRIES} retries failed; then it is put aside and the
 * next one has its turn.
 */
export interface Transport {
  /** Begins to deliver to these queues, as soon as there is a connection. Once per service. */
  start(queues: readonly Queue[]): void;
  /**
   * Resolves when each queue that takes a message has it safely; no such queue is fine. Rejects
   * when that is not sure, as without a connection: send them again.
   */
  send(messages: readonly Message[]): Promise<void>;
  state(): TransportState;
  /** Takes nothing more, and waits up to {@link STOP_MS} for handlers that are at work. */
  close(): Promise<void>;
}

export const MAX_RETRIES = 5;

/** How long `close` waits: less than people wait after Ctrl-C. */
export const STOP_MS = 3_000;

/** Milliseconds before retry 0, 1, …: 1.5 s over all, for what passes by itself. */
export const retryDelay = (retry: number): number => 50 * 2 ** retry;
