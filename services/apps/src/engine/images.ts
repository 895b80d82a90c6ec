/** Images of one engine. */
import type Docker from 'dockerode';
import { found } from './answers.ts';
import { digestNow, referenceOf } from './digests.ts';
import { type PullProgress, pull } from './pull.ts';

export interface Images {
  hasImage(image: string): Promise<boolean>;
  /**
   * What the name of an image that is here stands for: `NAME@sha256:…`, or the image's own id where no
   * registry has given it a digest.
   */
  resolve(image: string): Promise<string>;
  /** The digest that the registry has for a name now, `sha256:…`; undefined where it does not say. */
  digestNow(image: string): Promise<string | undefined>;
  /** @throws what the registry says, or that it says nothing, after a few attempts where that may help */
  pull(image: string, onProgress: (p: PullProgress) => void, signal: AbortSignal): Promise<void>;
}

/** @param patience  see {@link pull} */
export const imagesOf = (docker: Docker, patience: number): Images => ({
  hasImage: async (image) => (await found(docker.getImage(image).inspect())) !== undefined,
  resolve: async (image) => referenceOf(image, await docker.getImage(image).inspect()),
  digestNow: (image) => digestNow(docker, image),
  pull: (image, onProgress, signal) => pull(docker, { image, onProgress, signal, patience }),
});
