import { type Readable, Transform } from 'node:stream';

/** What `source` gives, up to `bytes`; with more it fails with what `excess` makes. */
export function limitedTo(bytes: number, source: Readable, excess: () => Error): Readable {
  let left = bytes;
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left < 0) done(excess());
      else done(null, chunk);
    },
  });
  source.once('error', (error) => limited.destroy(error));
  limited.once('error', () => source.unpipe(limited).resume()); // the answer still has to be read
  return source.pipe(limited);
}
