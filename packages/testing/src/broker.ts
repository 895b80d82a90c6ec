import { connect } from 'amqplib';
import { fromRig } from './from-rig.ts';

/** A connection to RabbitMQ, and a channel with publisher confirms. */
export async function testBroker() {
  const connection = await connect(fromRig('TEST_RABBITMQ_URL'));
  const channel = await connection.createConfirmChannel();
  return { channel, close: () => connection.close() };
}
