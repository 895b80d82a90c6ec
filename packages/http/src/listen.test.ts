import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Listening, listen } from './listen.ts';

let server: Listening;
beforeAll(async () => {
  server = await listen(
    (req, res) => {
      res.write('begun ');
      if (req.url === '/stream') setTimeout(() => res.end('ended'), 300);
      else req.resume().once('end', () => res.end('ended'));
    },
    {
      host: '127.0.0.1',
      port: 0,
      limits: { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 },
    },
  );
});
afterAll(() => server.close(0));

async function answerTo(bytes: string): Promise<string> {
  const socket = connect({ port: Number(server.url.port) });
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

test('headers that do not end are answered with a problem, and the connection is closed', async () => {
  const answer = await answerTo('GET / HTTP/1.1\r\nhost: x\r\nx-slow: ');

  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain('urn:cep:problem:request-timeout');
});

test('a body that does not end is cut off', async () => {
  expect(
    await answerTo('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nslow'),
  ).not.toContain('ended');
});

test('a response may take longer than any request', async () => {
  const request = 'GET /stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';

  expect(await answerTo(request)).toContain('ended');
});
