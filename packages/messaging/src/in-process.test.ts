import { expect, test } from '@jest/globals';
import { inProcess } from './in-process.ts';
import { silent } from './numbers.fixture.ts';
import type { Message, Queue } from './transport.ts';

const numbered = (n: number): Message => ({ id: String(n), name: 'test.number.counted', data: n });

function slowQueue(seen: string[]): Queue {
  return {
    name: 'test.slow',
    event: 'test.number.counted',
    async receive({ id }) {
      seen.push(`begin ${id}`);
      await new Promise(setImmediate);
      seen.push(`end ${id}`);
    },
    async bury() {},
  };
}

test('a queue takes one message at a time, also when several services send', async () => {
  const seen: string[] = [];
  const transport = inProcess(silent);
  transport.start([slowQueue(seen)]);
  transport.open();

  await Promise.all([transport.send([numbered(1), numbered(2)]), transport.send([numbered(3)])]);

  expect(seen).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
});

test('nothing is taken before all queues are known, nor after the first service has stopped', async () => {
  const seen: string[] = [];
  const transport = inProcess(silent);
  transport.start([slowQueue(seen)]);

  await expect(transport.send([numbered(1)])).rejects.toThrow('not open');
  transport.open();
  await transport.close();
  await expect(transport.send([numbered(1)])).rejects.toThrow('aborted');

  expect(seen).toEqual([]);
  expect(transport.state()).toBe('reconnecting');
});
