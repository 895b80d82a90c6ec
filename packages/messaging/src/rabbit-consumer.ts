import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@cep/logging/logger';
import type { Channel, ConsumeMessage } from 'amqplib';
import { MAX_RETRIES, type Queue, retryDelay } from './transport.ts';

interface Consumer {
  /** @returns the tag by which the consumer is cancelled; `gone` is called if the broker does that */
  consume(channel: Channel, queue: Queue, gone: () => void): Promise<string>;
  /** Resolves when no handler is at work; the pauses before retries are cut short. */
  finish(): Promise<void>;
}

/** Gives messages to their handlers and tells the broker how it went. The broker counts retries. */
export function createConsumer(log: Logger): Consumer {
  const closing = new AbortController();
  const atWork = new Set<Promise<void>>();

  async function deliver(channel: Channel, queue: Queue, message: ConsumeMessage): Promise<void> {
    const retry = Number(message.properties.headers?.['x-delivery-count'] ?? 0);
    try {
      await queue.receive(parse(message));
    } catch (error) {
      const { messageId } = message.properties;
      log.error('event not handled', { queue: queue.name, messageId, retry, error });
      if (retry < MAX_RETRIES) await pause(retryDelay(retry));
      unlessClosed(() => channel.nack(message));
      return;
    }
    unlessClosed(() => channel.ack(message));
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal }).catch(() => {}); // closing: retried later

  return {
    async consume(channel, queue, gone) {
      const { consumerTag } = await channel.consume(queue.name, (message) => {
        if (!message) return gone();
        const work = deliver(channel, queue, message);
        atWork.add(work);
        void work.finally(() => atWork.delete(work));
      });
      return consumerTag;
    },
    async finish() {
      closing.abort();
      while (atWork.size > 0) await Promise.all(atWork);
    },
  };
}

function parse({ content, properties }: ConsumeMessage) {
  return {
    id: String(properties.messageId),
    name: String(properties.type),
    data: JSON.parse(content.toString()) as unknown,
  };
}

/** Where the channel is gone, the broker delivers the message again, and the inbox knows it. */
function unlessClosed(settle: () => void): void {
  try {
    settle();
  } catch {}
}
