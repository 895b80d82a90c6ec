/** Pulling an image, with the guards that the engine's stream needs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { Failure, isAway } from './failures.ts';

export interface PullProgress {
  readonly doneBytes: number;
  /** 0 while not known. */
  readonly totalBytes: number;
}

/** Without any progress for so long, milliseconds, a pull has failed, though nobody may say so. */
export const PULL_PATIENCE_MS = 60_000;

/** Waits before another attempt, milliseconds; each is drawn from the half to the whole of it. */
const RETRY_MS = [500, 2_000, 5_000];

/** One line of the engine's answer. */
interface Line {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

interface Pull {
  readonly image: string;
  readonly onProgress: (progress: PullProgress) => void;
  readonly signal: AbortSignal;
  /** Milliseconds without progress after which it is given up. */
  readonly patience: number;
}

/**
 * Pulls an image, and tries again when that failed for what may pass: a few times, and for no longer
 * than twice the patience without any progress.
 *
 * @throws {Failure} when nothing moves any more
 * @throws the engine's or the registry's own sentence
 */
export async function pull(docker: Docker, request: Pull): Promise<void> {
  let movedAt = Date.now();
  const moved = () => {
    movedAt = Date.now();
  };
  for (const wait of [...RETRY_MS, undefined]) {
    try {
      return await pullOnce(docker, request, moved);
    } catch (error) {
      request.signal.throwIfAborted();
      if (wait === undefined || isFinal(error)) throw error;
      const pause = pauseAfter(error, wait);
      if (Date.now() + pause - movedAt > 2 * request.patience) throw error;
      await sleep(pause, undefined, { signal: request.signal });
    }
  }
}

/** No registry makes anybody wait longer for an answer, milliseconds. */
const LONGEST_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = { '': 1_000, s: 1_000, ms: 1, m: 60_000 };

/**
 * @param wait  milliseconds, when the registry does not ask for more: the engine passes on in its
 *   sentence what that says, e.g. `retry-after: 2.5s`
 */
export function pauseAfter(error: unknown, wait: number): number {
  const [, count = '0', unit = ''] =
    /retry[- ]after:?\s*(\d+(?:\.\d+)?)(ms|s|m|)(?![\w.µ])/i.exec(String(error)) ?? [];
  const asked = Number(count) * (UNITS[unit] ?? 0);
  return Math.min(LONGEST_MS, Math.max(asked, wait * (0.5 + Math.random() / 2)));
}

const FINAL =
  /not found|manifest unknown|does not exist|denied|unauthorized|invalid|no space left/i;

const isFinal = (error: unknown): boolean =>
  error instanceof Failure || isAway(error) || FINAL.test(String(error));

/** The answer's status is 200 before anything is known: failures come inside the stream. */
async function pullOnce(docker: Docker, request: Pull, moved: () => void): Promise<void> {
  const { image, onProgress, signal, patience } = request;
  const idle = new AbortController();
  const news = createNews();
  const timer = setTimeout(() => {
    if (news.isQueued()) timer.refresh();
    else idle.abort(hanging(image, patience));
  }, patience);
  const abortSignal = AbortSignal.any([signal, idle.signal]);
  try {
    const stream = await docker.pull(image, { abortSignal });
    const layers = createLayers();
    for await (const line of jsonLines<Line>(stream)) {
      if (line.error) throw new Error(line.error);
      if (news.add(line)) {
        timer.refresh();
        moved();
      }
      if (layers.add(line)) onProgress(layers.sum());
    }
  } catch (error) {
    idle.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function hanging(image: string, patience: number): Failure {
  const seconds = Math.round(patience / 1_000);
  return new Failure({
    code: 'pull-failed',
    message: `${image} could not be pulled: its registry has sent nothing for ${seconds} seconds.`,
    next: `Check with "docker pull ${image}" on the machine that runs the apps; then deploy again.`,
  });
}

/** With these an engine has nothing more to ask a registry for. */
const FETCHED =
  /^(Pulling from|Already exists|Verifying|Download complete|Extracting|Pull complete)/;

/** What an engine last said of each layer: it goes on talking of what does not move. */
export function createNews() {
  const last = new Map<string, string>();
  return {
    /** @returns whether a line tells of progress */
    add({ id = '', status = '', progressDetail }: Line): boolean {
      const now = `${status} ${progressDetail?.current ?? ''}`;
      const isSame = last.get(id) === now;
      if (id) last.set(id, now);
      return !isSame && !/^(Waiting|Retrying)/.test(status);
    },
    /** Whether the engine has not begun with what is left: all its pulls share a few places. */
    isQueued(): boolean {
      const open = [...last.values()].filter((said) => !FETCHED.test(said));
      return open.length > 0 && open.every((said) => said.startsWith('Waiting'));
    },
  };
}

/** Adds up the layers of one image. */
export function createLayers() {
  const layers = new Map<string, { done: number; total: number }>();
  return {
    /** @returns whether this changed the sum */
    add({ id, status, progressDetail }: Line): boolean {
      if (!id) return false;
      const layer = layers.get(id);
      if (status === 'Downloading' && progressDetail?.total) {
        layers.set(id, { done: progressDetail.current ?? 0, total: progressDetail.total });
        return true;
      }
      if (!layer || !/^(Download|Pull) complete$/.test(status ?? '')) return false;
      layers.set(id, { done: layer.total, total: layer.total });
      return true;
    },
    sum(): PullProgress {
      const all = [...layers.values()];
      return {
        doneBytes: all.reduce((sum, { done }) => sum + done, 0),
        totalBytes: all.reduce((sum, { total }) => sum + total, 0),
      };
    },
  };
}

/** One JSON value a line, as the engine streams them. */
export async function* jsonLines<T>(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) yield JSON.parse(line) as T;
  }
  if (text.trim()) yield JSON.parse(text) as T;
}
