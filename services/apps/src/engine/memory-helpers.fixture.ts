/** Backups of an engine in memory: what restic and the programs of databases do. */
import { Duplex, Readable } from 'node:stream';
import { COMPLETE } from '../backups/dumps/kind.ts';
import type { Engine } from './engine.ts';
import { DUMPS, type HelperPayload } from './helper-payload.ts';
import {
  type Container,
  enforce,
  holds,
  isWhole,
  type Memory,
  volumesAt,
} from './memory-state.fixture.ts';
import { judgeHelper, judgePiece } from './policy/helper.ts';

/** A text as the engine sends it: a frame. */
export function frame(text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(1, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

const DF =
  'Filesystem 1024-blocks Used Available Capacity Mounted on\nx 99999999 0 99999999 0% /\n';

/** A program that reads until there is no more, and prints nothing. */
function takingAll(done: (text: string) => void): Duplex {
  let text = '';
  return new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, next) {
      text += chunk.toString();
      next();
    },
    final(next) {
      done(text);
      this.push(null);
      next();
    },
  });
}

/** What restic does, at the end of its time. */
export function help(memory: Memory, container: Container, payload: HelperPayload): Container {
  const { data, pieces, seen, snapshots, output } = memory;
  const [command = '', what = ''] = payload.Cmd;
  const ended = (exitCode: number, ...lines: string[]) => {
    output.set(container.id, lines);
    return Object.assign(container, { state: 'exited', exitCode, finishedAt: Date.now() });
  };
  const mounted = volumesAt(payload);
  if (command === 'backup') {
    const snapshot = `snapshot-${memory.number()}`;
    const saved = mounted.map(({ name, volume }) => [volume, data.get(name) ?? ''] as const);
    const dumps = pieces.get(container.id) ?? {};
    const half = Object.keys(dumps).filter((path) => !isWhole(dumps[path] ?? ''));
    seen.sins.push(...half.map((path) => `half a dump was saved: ${path}`));
    snapshots.set(snapshot, { ...dumps, ...Object.fromEntries(saved) });
    return ended(0, JSON.stringify({ message_type: 'summary', snapshot_id: snapshot }));
  }
  if (command === 'restore') {
    const saved = snapshots.get(what);
    if (!saved) return ended(1, `no matching ID found for prefix "${what}"`);
    for (const { name, volume } of mounted) data.set(name, saved[volume] ?? '');
    const dumps = Object.entries(saved).filter(([path]) => path.startsWith(DUMPS));
    pieces.set(container.id, Object.fromEntries(dumps));
  }
  if (command === 'forget') for (const id of payload.Cmd) snapshots.delete(id);
  return ended(0);
}

/** Nothing may write what it reads, nor use what it writes. */
export function startHelper(
  { running, volumes, seen }: Memory,
  container: Container,
  payload: HelperPayload,
): void {
  const names = volumesAt(payload).map(({ name }) => name);
  for (const other of running()) {
    const torn = holds(other).find((held) => names.includes(held.replace(/^volume /, '')));
    if (torn) seen.sins.push(`${other.name} writes ${torn}, at which ${container.name} is`);
  }
  if (names.some((name) => !volumes.has(name))) seen.sins.push(`${container.name} makes a volume`);
  Object.assign(container, { state: 'running', startedAt: Date.now(), exitCode: 0 });
}

export function memoryHelpers(
  memory: Memory,
): Pick<Engine, 'createHelper' | 'writePiece' | 'readFolder' | 'exec'> {
  const { data, find, loaded, pieces, seen } = memory;
  return {
    async createHelper(name, payload, scope) {
      enforce(judgeHelper(payload, scope));
      memory.add(name, payload);
    },
    async writePiece(helper, target, bytes) {
      enforce(judgePiece(helper, target, bytes));
      const { id, state } = find(helper);
      if (state !== 'created') seen.sins.push(`${helper} has begun without ${target}`);
      pieces.set(id, { ...pieces.get(id), [target]: Buffer.from(bytes).toString() });
    },
    async readFolder(idOrName, path) {
      const own = Object.entries(pieces.get(find(idOrName).id) ?? {}).toSorted(([a], [b]) =>
        a.localeCompare(b),
      );
      return Readable.from(
        own.flatMap(([name, text]) => (name.startsWith(`${path}/`) ? Buffer.from(text) : [])),
      );
    },
    async exec({ id }, { command, input }) {
      const { Mounts } = find(id).payload.HostConfig;
      const mounts = Mounts.flatMap((mount) => (mount.Type === 'volume' ? [mount] : []));
      const all = mounts.map((mount) => [mount.Target, data.get(mount.Source)] as const);
      const told = command.includes('df -Pk /') ? DF : `${JSON.stringify(all)}\n${COMPLETE}\n`;
      const load = (text: string) => {
        if (!isWhole(text)) seen.sins.push(`half a dump was loaded into ${id}`);
        const all = new Map<string, string>(JSON.parse(text.split('\n')[0] ?? ''));
        for (const { Source, Target } of mounts) {
          if (loaded.has(Source)) seen.sins.push(`two dumps were loaded into ${Source}`);
          loaded.add(Source);
          data.set(Source, all.get(Target) ?? '');
        }
      };
      const stream = input ? takingAll(load) : Duplex.from([frame(told)]);
      return { stream, resize: async () => {}, exitCode: async () => 0 };
    },
  };
}
