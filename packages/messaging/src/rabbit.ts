import type { Logger } from '@cep/logging/logger';
import { type ChannelModel, connect, type RecoveringChannelModel } from 'amqplib';
import { createConsumer } from './rabbit-consumer.ts';
import { declare, EXCHANGE } from './topology.ts';
import { type Message, type Queue, STOP_MS, type Transport } from './transport.ts';
import { within } from './within.ts';

/** What lives as long as one connection. */
interface Session {
  send(messages: readonly Message[]): Promise<void>;
  stopConsuming(): Promise<void>;
}

/** First after 100 ms, then later and later; spread, so that a restarted broker is not stormed. */
const RECOVERY = { initialDelay: 100, maxDelay: 5_000, jitter: 0.5, waitForConnect: false };

/**
 * Carries messages through RabbitMQ, which keeps them through its own restarts. One per service.
 * Connects at `start` and, whenever the connection is lost, again, with all of its consumers.
 */
export function rabbit(url: string, log: Logger): Transport {
  const consumer = createConsumer(log);
  let connection: Promise<RecoveringChannelModel> | undefined;
  let session: Session | undefined;

  async function open(model: ChannelModel, queues: readonly Queue[]): Promise<void> {
    const startOver = () => void model.close().catch(() => {}); // it may be closed already
    model.on('error', (error) => log.warn('broker connection failed', { error }));
    model.once('close', () => {
      session = undefined;
    });
    const sender = await model.createConfirmChannel();
    const receiver = await model.createChannel();
    for (const channel of [sender, receiver]) {
      channel.on('error', (error) => log.error('broker refused', { error }));
      channel.once('close', startOver);
    }
    await declare(receiver, queues);
    await receiver.prefetch(1); // per queue: one at a time, in the order sent
    const tags: string[] = [];
    for (const queue of queues) tags.push(await consumer.consume(receiver, queue, startOver));

    session = {
      async send(messages) {
        for (const { id, name, data } of messages) {
          const content = Buffer.from(JSON.stringify(data));
          sender.publish(EXCHANGE, name, content, { messageId: id, type: name, persistent: true });
        }
        await sender.waitForConfirms();
      },
      async stopConsuming() {
        for (const tag of tags) await receiver.cancel(tag);
      },
    };
  }

  return {
    start(queues) {
      const recovery = { ...RECOVERY, setup: (model: ChannelModel) => open(model, queues) };
      connection = connect(withHeartbeat(url), { timeout: 5_000, recovery }).then((recovering) => {
        recovering.on('connect-failed', (error) => log.warn('no broker, events wait', { error }));
        recovering.on('disconnect', (error) => log.warn('broker lost, events wait', { error }));
        recovering.on('error', () => {}); // logged where it arose
        return recovering;
      });
    },
    async send(messages) {
      if (!session) throw new Error('no connection to the broker');
      await session.send(messages);
    },
    state: () => (session ? 'connected' : 'reconnecting'),
    async close() {
      await within(STOP_MS, Promise.allSettled([session?.stopConsuming(), consumer.finish()]));
      await (await connection)?.close();
      session = undefined;
    },
  };
}

/** Ten seconds: a broker that vanished without a word is noticed after twenty. */
function withHeartbeat(url: string): string {
  const address = new URL(url);
  address.searchParams.set('heartbeat', '10');
  return address.href;
}
