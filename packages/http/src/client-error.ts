import type { Duplex } from 'node:stream';
import { Problem } from '@cep/contracts/problems';

/**
 * Answers what never became a request: bytes that are not HTTP, headers that are too large or too
 * late. There is no response object yet, so the answer is written by hand, and the connection ends.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const document = toProblem(error.code).toJSON();
  const body = JSON.stringify(document);
  socket.end(
    `HTTP/1.1 ${document.status} ${document.title}\r\n` +
      `content-type: application/problem+json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function toProblem(code?: string): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Problem(
      'payload-too-large',
      'The address and the headers are larger than is allowed.',
    );
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Problem('request-timeout', 'Send the whole request faster.');
  }
  return new Problem('invalid-request', 'What was sent is not HTTP/1.1.');
}
