/** The way to one engine: a local socket, or TLS in which each side shows a certificate. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import Docker from 'dockerode';

/** What it takes to reach an engine on another machine. PEM throughout. */
export interface Credentials {
  /** Who signed the engine's certificate; nobody else is believed. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface Access {
  /** `unix:///path`, `tcp://host:port`, or `https://host:port` with credentials. */
  readonly url: string;
  readonly credentials?: Credentials;
}

export interface Connection {
  readonly docker: Docker;
  /** Breaks off whatever is under way; what is asked next connects anew. */
  hangUp(): void;
}

/** As Node's own agents: a connection that is used again must not be one that is about to end. */
const AGENT = { keepAlive: true, scheduling: 'lifo', timeout: 5_000 } as const;

export function connectTo({ url, credentials }: Access): Connection {
  const sockets = new Set<Socket>();
  const agent = credentials ? new HttpsAgent(AGENT) : new HttpAgent(AGENT);
  // With each request the client describes all that it sends it with, to any depth, for a log that
  // nobody reads: without this, milliseconds for every connection there is.
  Object.assign(agent, { [inspect.custom]: () => 'agent' });
  const open = agent.createConnection.bind(agent);
  agent.createConnection = (...given) => {
    const socket = open(...given) as Socket;
    sockets.add(socket);
    // Also what has left the agent, as streams to a program do, is known here until its end.
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const options = { ...toOptions(url, credentials), agent };
  return {
    docker: new Docker(options),
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

export function toOptions(host: string, credentials?: Credentials): Docker.DockerOptions {
  const url = new URL(host);
  if (url.protocol === 'unix:') return { socketPath: url.pathname };
  const where = { host: url.hostname, port: url.port || (credentials ? '2376' : '2375') };
  if (!credentials) return { protocol: 'http', ...where };
  const { ca, certificate: cert, key } = credentials;
  return { protocol: 'https', ...where, ca, cert, key };
}
