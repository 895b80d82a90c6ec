import type { Channel } from 'amqplib';
import { MAX_RETRIES, type Queue } from './transport.ts';

export const EXCHANGE = 'cep.events';

/** Of messages that were given up; one queue on it keeps them. */
export const DEAD_EXCHANGE = 'cep.events.dead';
export const DEAD_QUEUE = 'cep.dead-letters';

/** Everything that this service needs of the broker; whoever comes first makes it. */
export async function declare(channel: Channel, queues: readonly Queue[]): Promise<void> {
  await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
  await channel.assertExchange(DEAD_EXCHANGE, 'fanout', { durable: true });
  await channel.assertQueue(DEAD_QUEUE, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await channel.bindQueue(DEAD_QUEUE, DEAD_EXCHANGE, '');
  for (const { name, event } of queues) {
    await channel.assertQueue(name, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        // Of several replicas one at a time consumes, which keeps the order.
        'x-single-active-consumer': true,
        'x-delivery-limit': MAX_RETRIES,
        'x-dead-letter-exchange': DEAD_EXCHANGE,
        // A message leaves the queue only when the dead-letter queue has it; needs this overflow.
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      },
    });
    await channel.bindQueue(name, EXCHANGE, event);
  }
}
