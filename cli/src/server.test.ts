import { describe, expect, test } from '@jest/globals';
import { parseServer, targetOf } from './server.ts';

describe('the address of a server', () => {
  test.each([
    ['cloud.example', 'https://cloud.example'],
    ['localhost:8443', 'https://localhost:8443'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is %s', (text, origin) => {
    expect(parseServer(text).origin).toBe(origin);
  });

  test.each(['http://cloud.example', 'http://localhost.example', 'https://'])(
    '%s is refused',
    (text) => {
      expect(() => parseServer(text)).toThrow(/encrypted|not the address/);
    },
  );
});

describe('the target of a command', () => {
  const profile = {
    server: 'https://a.example',
    servers: {
      'https://a.example': { token: 'a', certificate: 'A' },
      'https://b.example': { token: 'b' },
    },
  };

  test('is the server signed in to last', () => {
    expect(targetOf(profile, {})).toMatchObject({ token: 'a', certificate: 'A' });
  });

  test('is another when it is named, with its own token and certificate', () => {
    const target = targetOf(profile, { server: 'b.example' });

    expect(target?.token).toBe('b');
    expect(target?.certificate).toBeUndefined();
  });

  test('never takes one server’s token to another', () => {
    expect(targetOf(profile, { server: 'c.example' })?.token).toBeUndefined();
  });

  test('is nothing when none is known', () => {
    expect(targetOf({ servers: {} }, {})).toBeUndefined();
  });
});
