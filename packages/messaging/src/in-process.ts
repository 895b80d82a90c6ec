import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@cep/logging/logger';
import {
  MAX_RETRIES,
  type Message,
  type Queue,
  retryDelay,
  STOP_MS,
  type Transport,
} from './transport.ts';
import { within } from './within.ts';

/** One for all services of a process. */
export interface InProcess extends Transport {
  /** Lets events flow. Not before every service has started: an event finds the queues that are. */
  open(): void;
}

/**
 * Hands messages straight to the handlers in this process. What was sent stays in the sender's
 * outbox until each queue has settled it. `close` closes it for all services, so that none goes on
 * sending while another has stopped listening.
 */
export function inProcess(log: Logger): InProcess {
  const lanes: Lane[] = [];
  const closing = new AbortController();
  let isOpen = false;

  return {
    start: (queues) => {
      for (const queue of queues) lanes.push(createLane(queue, log, closing.signal));
    },
    open: () => {
      isOpen = true;
    },
    async send(messages) {
      if (!isOpen) throw new Error('not open yet');
      await Promise.all(lanes.map((lane) => lane.take(messages)));
    },
    state: () => (isOpen && !closing.signal.aborted ? 'connected' : 'reconnecting'),
    async close() {
      closing.abort();
      await within(STOP_MS, Promise.all(lanes.map((lane) => lane.idle())));
    },
  };
}

interface Lane {
  take(messages: readonly Message[]): Promise<void>;
  idle(): Promise<void>;
}

/** One message at a time, also when several services send at once. */
function createLane(queue: Queue, log: Logger, closing: AbortSignal): Lane {
  let last = Promise.resolve();

  async function deliver(message: Message): Promise<void> {
    for (let retry = 0; ; retry += 1) {
      closing.throwIfAborted();
      try {
        return await queue.receive(message);
      } catch (error) {
        log.error('event not handled', { queue: queue.name, messageId: message.id, retry, error });
        if (retry === MAX_RETRIES) return await queue.bury(message, error);
        await sleep(retryDelay(retry), undefined, { signal: closing });
      }
    }
  }

  return {
    take(messages) {
      const turn = last.then(async () => {
        for (const message of messages) {
          if (message.name === queue.event) await deliver(message);
        }
      });
      last = turn.catch(() => {});
      return turn;
    },
    idle: () => last,
  };
}
