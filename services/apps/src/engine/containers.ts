/** Containers of one engine. */
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { File, Owner } from '../compose/model.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import { enforce, found, unless } from './answers.ts';
import { archiveOf, archiveOfFolder, contentIn } from './archive.ts';
import { statusOf } from './failures.ts';
import type { HelperPayload } from './helper-payload.ts';
import type { createInspected } from './inspected.ts';
import { LABELS } from './labels.ts';
import type { LoneKind } from './lone-payload.ts';
import { sharing } from './looks.ts';
import { toObserved } from './observed.ts';
import type { Ours } from './ours.ts';
import type { ContainerPayload } from './payload.ts';
import { type HelperScope, judgeHelper, judgePiece } from './policy/helper.ts';
import type { LoneScope } from './policy/lone.ts';
import { judgePoolHelper, type PoolScope } from './policy/pool-helper.ts';
import { judgeTargetHelper, type TargetScope } from './policy/target-helper.ts';
import { judgeContainer, judgeFiles, judgeOwner, type Scope } from './policy.ts';
import type { PoolPayload } from './pool-payload.ts';
import type { TargetPayload } from './target-payload.ts';

export interface Containers {
  /** Those of an app. */
  containers(appId: string): Promise<ObservedContainer[]>;
  /** Ids of the apps that have containers or networks here. */
  apps(): Promise<string[]>;
  createContainer(name: string, payload: ContainerPayload, scope: Scope): Promise<void>;
  /** A container of cep's own that works on backups. */
  createHelper(name: string, payload: HelperPayload, scope: HelperScope): Promise<void>;
  /** A container of cep's own that works in the folder of a pool. */
  createPoolHelper(name: string, payload: PoolPayload, scope: PoolScope): Promise<void>;
  /** A container of cep's own that tries a place for backups. */
  createTargetHelper(name: string, payload: TargetPayload, scope: TargetScope): Promise<void>;
  /** Those of one kind that are of no app. */
  loneHelpers(kind: LoneKind): Promise<ObservedContainer[]>;
  /** Before it starts, or for what reads them again when told; again is the same. */
  writeFiles(container: string, files: readonly File[]): Promise<void>;
  /** Has a folder of a container that has not started belong to somebody; nothing in it changes. */
  giveFolder(container: string, target: string, owner: Owner): Promise<void>;
  /** Into a helper that has not started: one piece of a dump. */
  writePiece(helper: string, target: string, bytes: Uint8Array): Promise<void>;
  /** What the files of a folder hold, one after the other by their names. */
  readFolder(container: string, path: string): Promise<AsyncIterable<Uint8Array>>;
  start(container: string): Promise<void>;
  /** As its template says: its signal, and so many seconds. */
  stop(id: string): Promise<void>;
  /** What it does rests until {@link unpause}; nothing of it is lost. */
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  /** To its first process. */
  signal(id: string, signal: string): Promise<void>;
  /** Numbers of the processes of one that runs. */
  processes(id: string): Promise<string[]>;
  /** Stops it as its template says, then removes it; with the volumes that have no name, if asked. */
  remove(id: string, options: { readonly volumes: boolean }): Promise<void>;
}

export function containersOf(
  docker: Docker,
  ours: Ours,
  inspected: ReturnType<typeof createInspected>,
): Containers {
  const listed = sharing({
    one: (appId) => docker.listContainers({ all: true, filters: ours.app(appId) }),
    all: () => docker.listContainers({ all: true, filters: ours.all }),
    appOf: ({ Labels }) => Labels[LABELS.app],
  });
  async function observed(list: readonly Docker.ContainerInfo[]): Promise<ObservedContainer[]> {
    const details = await Promise.all(list.map((each) => inspected.of(each)));
    return details.flatMap((detail, n) =>
      detail ? toObserved(detail, Object.keys(list[n]?.NetworkSettings.Networks ?? {})) : [],
    );
  }
  /** A name that is taken by one of our own is a state to look at again, not an error. */
  async function create(name: string, payload: object, isOurs: (labels: Labels) => boolean) {
    // Without `_query` the whole payload, secrets included, would stand in the path.
    const request = { _query: { name }, _body: payload };
    await docker
      .createContainer(request as unknown as Docker.ContainerCreateOptions)
      .catch(unlessOurs(docker, name, isOurs));
  }

  return {
    containers: async (appId) => observed(await listed(appId)),
    loneHelpers: async (kind) =>
      observed(await docker.listContainers({ all: true, filters: ours.helpers(kind) })),
    async apps() {
      const [containers, networks] = await Promise.all([
        docker.listContainers({ all: true, filters: ours.all }),
        docker.listNetworks({ filters: ours.all }),
      ]);
      const labels = [...containers, ...networks].map((thing) => thing.Labels?.[LABELS.app]);
      return [...new Set(labels.filter((label) => label !== undefined))];
    },
    async createContainer(name, payload, scope) {
      enforce(judgeContainer(payload, scope));
      await create(name, payload, isOfApp(scope));
    },
    async createHelper(name, payload, scope) {
      enforce(judgeHelper(payload, scope));
      await create(name, payload, isOfApp(scope));
    },
    async createPoolHelper(name, payload, scope) {
      enforce(judgePoolHelper(payload, scope));
      await create(name, payload, isOfInstance(scope));
    },
    async createTargetHelper(name, payload, scope) {
      enforce(judgeTargetHelper(payload, scope));
      await create(name, payload, isOfInstance(scope));
    },
    async writeFiles(container, files) {
      if (files.length === 0) return;
      enforce(judgeFiles(files));
      await docker.getContainer(container).putArchive(await archiveOf(files), { path: '/' });
    },
    async giveFolder(container, target, owner) {
      enforce(judgeOwner(target, owner));
      await docker
        .getContainer(container)
        .putArchive(await archiveOfFolder(target, owner), { path: '/' });
    },
    async writePiece(helper, target, bytes) {
      enforce(judgePiece(helper, target, bytes));
      const file = { target, content: bytes, mode: 0o400, uid: 0, gid: 0 };
      await docker.getContainer(helper).putArchive(await archiveOf([file]), { path: '/' });
    },
    readFolder: async (container, path) =>
      contentIn(Readable.from(await docker.getContainer(container).getArchive({ path }))),
    start: (container) => docker.getContainer(container).start().catch(unless(304)),
    stop: (id) => docker.getContainer(id).stop().catch(unless(304, 404)),
    pause: (id) => docker.getContainer(id).pause().catch(unless(404, 409)),
    // 500: it is not paused.
    unpause: (id) =>
      docker
        .getContainer(id)
        .unpause()
        .catch(unless(404, 409, 500)),
    signal: (id, signal) => docker.getContainer(id).kill({ signal }),
    async processes(id) {
      const top = (await docker.getContainer(id).top()) as Processes;
      const column = top.Titles.indexOf('PID');
      return top.Processes?.flatMap((each) => each[column] ?? []) ?? [];
    },
    async remove(id, { volumes }) {
      await docker.getContainer(id).stop().catch(unless(304, 404));
      await docker.getContainer(id).remove({ force: true, v: volumes }).catch(unless(404, 409));
    },
  };
}

interface Processes {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[] | null;
}

type Labels = Readonly<Record<string, string>>;

const isOfApp =
  ({ appId }: Pick<Scope, 'appId'>) =>
  (labels: Labels): boolean =>
    labels[LABELS.app] === appId;

const isOfInstance =
  ({ instance }: LoneScope) =>
  (labels: Labels): boolean =>
    labels[LABELS.instance] === instance;

const unlessOurs =
  (docker: Docker, name: string, isOurs: (labels: Labels) => boolean) => async (error: unknown) => {
    if (statusOf(error) !== 409) throw error;
    const detail = await found(docker.getContainer(name).inspect());
    if (!detail || isOurs(detail.Config.Labels)) return;
    throw new Error(`A container named ${name} that is not cep's is in the way.`, { cause: error });
  };
