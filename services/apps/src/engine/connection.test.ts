import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { connectTo } from './connection.ts';

test('describing what a request is sent with costs nothing that grows with the connections', () => {
  const { docker } = connectTo({ url: 'unix:///nowhere' });

  const { agent } = docker.modem as { agent?: object };

  expect(inspect({ agent }, { showHidden: true, depth: null })).toBe('{ agent: agent }');
});
