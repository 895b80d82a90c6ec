/**
 * Reads what the engine sends of a container's output: frames of 8 bytes (1: stdout, 2: stderr; three
 * zeroes; length, big-endian) and payload, in which each line begins with its time (Engine API,
 * "Stream format").
 */
export interface Line {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds, UTC: as text it sorts by time. */
  readonly at: string;
  readonly text: string;
}

const HEADER = 8;

/** A program may print without ever ending a line: what is longer goes on as another line. */
const LONGEST_LINE = 64 * 1024;

export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const rest = { stdout: '', stderr: '' };
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  for await (const { stream, bytes } of readFrames(chunks)) {
    const text = decoders[stream].decode(bytes, { stream: true });
    const lines = (rest[stream] + text).split('\n');
    rest[stream] = lines.pop() ?? '';
    for (const line of lines) yield toLine(stream, line);
    if (rest[stream].length > LONGEST_LINE) {
      const begun = toLine(stream, rest[stream]);
      yield begun;
      rest[stream] = `${begun.at} `;
    }
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    if (rest[stream]) yield toLine(stream, rest[stream]);
  }
}

/** The frames of any multiplexed stream, as they come. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>) {
  let buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    buffer = buffer.length > 0 ? Buffer.concat([buffer, chunk]) : Buffer.from(chunk);
    for (;;) {
      const end = buffer.length < HEADER ? Infinity : HEADER + buffer.readUInt32BE(4);
      if (buffer.length < end) break;
      const stream = buffer[0] === 2 ? ('stderr' as const) : ('stdout' as const);
      yield { stream, bytes: buffer.subarray(HEADER, end) };
      buffer = buffer.subarray(end);
    }
  }
}

function toLine(stream: Line['stream'], line: string): Line {
  const space = line.indexOf(' ');
  if (space < 0) return { stream, at: line, text: '' };
  return { stream, at: line.slice(0, space), text: line.slice(space + 1).replace(/\r$/, '') };
}
