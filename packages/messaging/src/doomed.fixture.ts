/**
 * A process that counts to three and is killed at one step of the way:
 * `doomed.fixture.ts STEP DATABASE_URL OVER TEST`.
 */
import { connect } from '@cep/database/pool';
import { startMessaging } from './messaging.ts';
import { count, createTransport, noting, silent } from './numbers.fixture.ts';
import type { Transport } from './transport.ts';

const [step, databaseUrl = '', over = '', test = ''] = process.argv.slice(2);

const die = () => process.kill(process.pid, 'SIGKILL');
const at = (here: string) => {
  if (step === here) die();
};

function doomed(transport: Transport): Transport {
  return {
    ...transport,
    start: (queues) =>
      transport.start(
        queues.map((queue) => ({
          ...queue,
          receive: async (message) => {
            await queue.receive(message);
            at('handled but not acknowledged');
          },
        })),
      ),
    send: async (messages) => {
      at('committed but not sent');
      await transport.send(messages);
      at('sent but not deleted');
    },
  };
}

const db = connect(databaseUrl, silent);
// First, so that what another test left in the outbox cannot have it killed before.
await count(db, test, [1, 2, 3]);
startMessaging({
  db,
  log: silent,
  transport: doomed(createTransport(over)),
  subscriptions: [noting(test, undefined, async () => at('handling'))],
});
