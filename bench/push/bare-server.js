/**
 * Begins to answer every request and never ends: `bare-server.js`, or `bare-server.js KEY CERTIFICATE`
 * with their files. Plain JavaScript, for nothing else to be loaded.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

const [key, cert] = process.argv.slice(2).map((file) => readFileSync(file));
const begin = (_req, res) => res.writeHead(200).flushHeaders();
const server = key ? createTlsServer({ key, cert }, begin) : createServer(begin);
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
