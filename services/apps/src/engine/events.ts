import { LABELS } from './labels.ts';
import { jsonLines } from './pull.ts';

/** Something that happened to a container of ours. */
export interface EngineEvent {
  readonly appId: string;
  /** The container's id. */
  readonly id: string;
  readonly action: string;
  readonly app: string;
  readonly service: string;
  readonly exitCode: number | null;
  /** RFC 3339, UTC. */
  readonly at: string;
}

interface RawEvent {
  readonly timeNano: number;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** Probes and people that look into a container change nothing of it. */
const IDLE = /^(exec_|attach|detach|resize|top|archive-path|export)/;

/** Reads what the engine streams; what is not cep's, or changes nothing, is left out. */
export async function* toEvents(
  stream: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<EngineEvent> {
  for await (const { Action, Actor, timeNano } of jsonLines<RawEvent>(stream)) {
    const appId = Actor.Attributes[LABELS.app];
    if (!appId || IDLE.test(Action)) continue;
    const labels = Actor.Attributes;
    yield {
      ...{ appId, id: Actor.ID, action: Action, app: labels[LABELS.appName] ?? '' },
      service: labels[LABELS.service] ?? '',
      exitCode: labels.exitCode === undefined ? null : Number(labels.exitCode),
      at: new Date(timeNano / 1e6).toISOString(),
    };
  }
}
