/** Images of one engine. */
import type Docker from 'dockerode';
import { found } from './answers.ts';
import { type PullProgress, pull } from './pull.ts';

export interface Images {
  hasImage(image: string): Promise<boolean>;
  /** @throws what the registry says, after a few attempts where that may help */
  pull(image: string, onProgress: (p: PullProgress) => void, signal: AbortSignal): Promise<void>;
}

export const imagesOf = (docker: Docker): Images => ({
  hasImage: async (image) => (await found(docker.getImage(image).inspect())) !== undefined,
  pull: (image, onProgress, signal) => pull(docker, { image, onProgress, signal }),
});
