import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { merge } from './merge.ts';

test('a source that breaks off once nobody listens any more disturbs nobody', async () => {
  const gone = new AbortController();
  async function* broken() {
    yield 'first';
    await once(gone.signal, 'abort');
    throw new Error('aborted');
  }
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => unheard.push(reason);
  process.on('unhandledRejection', hear);

  const lines = merge([broken()]);
  await lines.next();
  await lines.return(undefined);
  gone.abort();
  await setImmediate();
  await setImmediate();

  process.off('unhandledRejection', hear);
  expect(unheard).toEqual([]);
});
