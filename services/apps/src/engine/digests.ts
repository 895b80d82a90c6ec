/** What the names of images stand for. */
import type Docker from 'dockerode';
import { inTime } from '../engines/in-time.ts';

interface Image {
  readonly Id: string;
  /** e.g. `redis@sha256:…`; none of an image that was made or loaded here. */
  readonly RepoDigests: readonly string[] | null;
}

/** @returns `NAME@sha256:…`, by which any engine gets just this image; else the image's own id */
export function referenceOf(image: string, { Id, RepoDigests }: Image): string {
  const digests = RepoDigests ?? [];
  const name = nameOf(image);
  return digests.find((each) => nameOf(each) === name) ?? digests[0] ?? Id;
}

/** `docker.io/library/redis:8` is `redis` to the engine. */
const nameOf = (image: string): string =>
  image
    .replace(/@.*$/, '')
    .replace(/:[^:/]*$/, '')
    .replace(/^(index\.)?docker\.io\//, '')
    .replace(/^library\//, '');

/** The digest of a reference; nothing for an image's own id. */
export const digestOf = (reference: string): string | undefined => reference.split('@')[1];

/** A registry that does not answer must not hold up who only asks. */
const PATIENCE_MS = 5_000;

export async function digestNow(docker: Docker, image: string): Promise<string | undefined> {
  const asked: Promise<{ Descriptor: { digest: string } }> = docker.getImage(image).distribution();
  return inTime(asked, PATIENCE_MS, () => new Error('its registry does not answer')).then(
    ({ Descriptor }) => Descriptor.digest,
    () => undefined,
  );
}
