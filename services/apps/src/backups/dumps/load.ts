/**
 * Loads the dumps of a backup into the new volumes of a restore. Each database does that in a container of
 * its own that nothing reaches, made of its service, before the app is made of those volumes: the app that
 * is there goes on meanwhile, nothing writes beside the load, and what fails leaves nothing behind.
 */
import type { Service } from '../../compose/model.ts';
import { withAddresses } from '../../endpoints/variables.ts';
import { DUMPS } from '../../engine/helper-payload.ts';
import { LABELS } from '../../engine/labels.ts';
import { helperName, projectOf, volumeName } from '../../engine/names.ts';
import { type ContainerPayload, containerPayload } from '../../engine/payload.ts';
import { openDocument } from '../../generations/document.ts';
import { clearVolume } from '../../pools/folders.ts';
import { take } from '../../reconciler/take.ts';
import { OWNED, type Owned, ownersOf } from '../../volumes/owner.ts';
import { appOf } from '../app-of.ts';
import { makeVolume } from '../make-volumes.ts';
import type { Deps, Task } from '../task.ts';
import { KINDS } from './kinds.ts';
import type { Dump } from './read.ts';
import { failed, type Run, runScript } from './run-script.ts';
import { wordsFor } from './words.ts';

/** @throws {Failure} when one cannot be loaded */
export async function loadDumps(deps: Deps, task: Task, signal: AbortSignal): Promise<void> {
  for (const [index, dump] of (task.backup.contents.dumps ?? []).entries()) {
    deps.progress.step(task.job.app_id, `loading the dump of ${dump.service} (${dump.kind})`);
    await loadDump(deps, task, { dump, name: helperName(task.job.id, `load-${index}`), signal });
  }
}

interface One {
  readonly dump: Dump;
  /** Of the container. */
  readonly name: string;
  readonly signal: AbortSignal;
}

async function loadDump(deps: Deps, task: Task, { dump, name, signal }: One): Promise<void> {
  const { engine } = deps;
  const { service, owners } = restoredOf(deps, task, dump);
  // A load that broke off may have left half a database: it begins with nothing.
  for (const volume of dump.instead) {
    await clearVolume(deps, volumeName(appOf(task), volume));
    await makeVolume(deps, task, volume);
  }
  const payload = payloadFor(deps, task, service);
  if (!(await engine.hasImage(payload.Image))) {
    await take(deps, task.work, { do: 'pull', image: payload.Image, after: [] }, signal);
  }
  const owned = ownersOf([service], owners).filter(({ volume }) => dump.instead.includes(volume));
  for (const each of owned) await giveToOwner(deps, task, each);
  await engine.createContainer(name, payload, scopeFor(deps, task));
  await engine.writeFiles(name, service.files ?? []);
  await engine.start(name);
  const id = await idOf(deps, task, name);
  await fill(deps, task, { dump, id, signal });
  await engine.stop(id);
  await engine.remove(id, { volumes: true });
}

async function fill(
  deps: Deps,
  task: Task,
  { dump, id, signal }: Omit<One, 'name'> & { readonly id: string },
): Promise<void> {
  const { engine } = deps;
  const { service, kind } = dump;
  const inside = { appId: task.job.app_id, id };
  const words = wordsFor(deps, task, { dump, to: 'load' });
  const script = { text: KINDS[kind].load, words, input: true, secrets: task.work.secrets };
  const pieces = await engine.readFolder(helperName(task.job.id, 'fill'), `${DUMPS}/${service}`);
  const run = await runScript(engine, inside, script, signal);
  try {
    const output = drain(run);
    // It is awaited below, unless giving it something fails first.
    output.catch(() => {});
    const isTaken = await give(run, pieces);
    await output;
    signal.throwIfAborted();
    const exitCode = await run.exitCode();
    if (exitCode === 0 && isTaken) return;
    throw failed({
      code: 'load-failed',
      sentence: `The dump of ${service} (${kind}) could not be loaded: that ended with code ${exitCode}.`,
      words: run.words(),
      next: 'The app is as it was. See what the image and its version were when the backup was made.',
    });
  } finally {
    run.end();
  }
}

async function drain(run: Run): Promise<void> {
  const output = run.output();
  while (!(await output.next()).done);
}

/** @returns whether it took all; a program that ended takes no more */
async function give({ stream, touch }: Run, pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
  for await (const piece of pieces) {
    const isTaken = await new Promise<boolean>((resolve) => {
      if (!stream.writable) return resolve(false);
      const close = () => resolve(false);
      stream.once('close', close);
      stream.write(piece, (error) => {
        stream.off('close', close);
        resolve(!error);
      });
    });
    if (!isTaken) return false;
    touch();
  }
  stream.end();
  return true;
}

/** The service as the restored app will have it, and to whom its volumes belong. */
function restoredOf({ sealer }: Deps, { job, work }: Task, { service: name }: Dump) {
  const { address = '', claims: ports = [] } = work.app ?? {};
  const document = job.document ? openDocument(sealer, job.app_id, job.document) : work.document;
  const rendered = document?.rendered;
  const service =
    rendered &&
    withAddresses(rendered, rendered.endpoints, { address, ports }).services.find(
      (each) => each.name === name,
    );
  if (!service) throw new Error(`the restored app has no service ${name}`);
  return { service, owners: document?.rendered.owners };
}

/** A volume that is new is given to its owner before anything runs on it, as those of a new app are. */
async function giveToOwner(
  deps: Deps,
  task: Task,
  { volume, owner, service }: Owned,
): Promise<void> {
  const { engine } = deps;
  const name = helperName(task.job.id, `own-${volume}`);
  await engine.createContainer(name, payloadFor(deps, task, service), scopeFor(deps, task));
  await engine.giveFolder(name, OWNED, owner);
  await engine.remove(await idOf(deps, task, name), { volumes: false });
}

/** Rests until it is told to end: files are put in place before what reads them starts. */
const REST = ['sh', '-c', "trap 'exit 0' TERM INT; while :; do sleep 1 & wait $!; done"];

/**
 * The container of a service without a network, without what it shares with others or publishes, and with
 * no volume but those that are restored.
 */
function payloadFor({ instance }: Deps, task: Task, service: Service): ContainerPayload {
  const { job, backup } = task;
  const { contents } = backup;
  const kind = contents.dumps?.find((each) => each.service === service.name)?.kind ?? 'sqlite';
  const { pidOf: _pid, ipcOf: _ipc, sharesIpc: _shares, extraHosts: _hosts, ...apart } = service;
  const { dns: _dns, dnsSearch: _search, dnsOptions: _options, ...unnamed } = apart;
  const { privileged: _privileged, devices: _devices, gpus: _gpus, ...plain } = unnamed;
  const alone: Service = {
    ...plain,
    ...(!KINDS[kind].loadsWhileRunning && { entrypoint: REST, command: [] }),
    ...{ network: 'none' as const, ports: [], dependsOn: [], aliases: [], restart: 'no' as const },
    ...{ healthcheck: null, init: false },
    mounts: service.mounts.filter(
      (mount) =>
        mount.kind === 'tmpfs' ||
        (mount.kind === 'volume' && contents.volumes.includes(mount.volume)),
    ),
  };
  const owner = { instance, projectId: job.project_id };
  const payload = containerPayload({ app: appOf(task), owner, bindings: [] }, alone, false);
  const { [LABELS.service]: _service, [LABELS.spec]: _spec, ...labels } = payload.Labels;
  // It is none of the containers that the app is made of.
  return { ...payload, Labels: { ...labels, [LABELS.helper]: 'load' } as typeof payload.Labels };
}

function scopeFor({ instance }: Deps, task: Task) {
  const app = appOf(task);
  return {
    ...{ instance, appId: app.id, network: projectOf(app), address: '' },
    volumes: task.backup.contents.volumes.map((volume) => volumeName(app, volume)),
    granted: task.work.scope.granted ?? new Set<string>(),
    registries: task.work.scope.registries,
  };
}

async function idOf({ engine }: Deps, { job }: Task, name: string): Promise<string> {
  const made = (await engine.containers(job.app_id)).find((each) => each.name === name);
  if (made) return made.id;
  throw new Error(`the container ${name} is gone`);
}
