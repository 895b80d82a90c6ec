/** What containers of one engine print. */
import type Docker from 'dockerode';

interface LogOptions {
  readonly follow: boolean;
  /** RFC 3339, up to nanoseconds. */
  readonly since?: string | undefined;
  /** How many of the last lines. */
  readonly tail: number;
  readonly signal?: AbortSignal;
}

export interface Output {
  /** Multiplexed, each line with its time. */
  logs(id: string, options: LogOptions): Promise<AsyncIterable<Uint8Array>>;
}

export const outputOf = (docker: Docker): Output => ({
  async logs(id, options) {
    const isTerminal = (await docker.getContainer(id).inspect()).Config.Tty;
    const chunks = await readLogs(docker, id, options);
    return isTerminal ? framed(chunks) : chunks;
  },
});

/** Always as a stream: however long the lines are, they are never all in memory. */
async function readLogs(docker: Docker, id: string, options: LogOptions) {
  const { follow, tail, since, signal } = options;
  const wanted = { follow, tail, since: since && unixTime(since), timestamps: true };
  return new Promise<AsyncIterable<Uint8Array>>((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${id}/logs?`,
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        options: { ...wanted, stdout: true, stderr: true },
        ...(signal && { abortSignal: signal }),
      },
      (error, stream) => (error ? reject(error) : resolve(stream as AsyncIterable<Uint8Array>)),
    );
  });
}

/** `2026-01-02T03:04:05.000000006Z` as the engine takes it: seconds, and nine digits of their parts. */
function unixTime(at: string): string {
  const digits = /\.(\d+)/.exec(at)?.[1] ?? '';
  return `${Math.floor(Date.parse(at) / 1000)}.${digits.padEnd(9, '0')}`;
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What a terminal prints is not multiplexed: it is all put on standard output. */
async function* framed(chunks: Chunks): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const header = Buffer.alloc(8);
    header.writeUInt8(1, 0);
    header.writeUInt32BE(chunk.length, 4);
    yield Buffer.concat([header, chunk]);
  }
}
