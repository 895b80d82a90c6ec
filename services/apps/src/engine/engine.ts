/**
 * All that cep asks of one Docker Engine, and the only way to it. Everything that creates passes the
 * policy there, on its final payload. That a thing is already there, or already gone, is success.
 */
import type { Duplex } from 'node:stream';
import { type About, aboutOf } from './about.ts';
import { found } from './answers.ts';
import { type Access, connectTo } from './connection.ts';
import { type Containers, containersOf } from './containers.ts';
import { type Execution, prepareExec, runExec, startExec, type Target } from './exec.ts';
import { type Happenings, happeningsOf } from './happenings.ts';
import { type Images, imagesOf } from './images.ts';
import { createInspected } from './inspected.ts';
import { type Networks, networksOf } from './networks.ts';
import { oursOf } from './ours.ts';
import { type Output, outputOf } from './output.ts';
import { PULL_PATIENCE_MS } from './pull.ts';
import { readUsage, type Usage } from './usage.ts';
import { type Volumes, volumesOf } from './volumes.ts';

/** A container, and the app that it has to be of. */
type Inside = Omit<Target, 'instance'>;

export interface Engine extends About, Images, Containers, Networks, Volumes, Output, Happenings {
  /** Runs a program in a container. @returns its exit code; `signal` gives it up */
  run(inside: Inside, command: readonly string[], signal: AbortSignal): Promise<number>;
  /** Gets a program ready in a container. @returns its id; `perform` starts it, once */
  prepare(inside: Inside, program: Parameters<typeof prepareExec>[2]): Promise<string>;
  /** @returns what it prints, as frames (logs/frames.ts), until it ends */
  perform(exec: string): Promise<Duplex>;
  /** Nothing when it is forgotten; an exit code once it has run. */
  execState(exec: string): Promise<{ isRunning: boolean; exitCode: number | null } | undefined>;
  exec(inside: Inside, program: Parameters<typeof startExec>[2]): Promise<Execution>;
  /** Of a container that runs. */
  usage(id: string): Promise<Usage | undefined>;
  /** Breaks off whatever is under way, streams too. */
  hangUp(): void;
}

/**
 * @param access    its address alone where no credentials are needed
 * @param instance  this installation; things that do not carry its id are never seen nor touched
 * @param pullPatience  milliseconds without progress after which a pull has failed
 */
export function createEngine(
  access: string | Access,
  instance: string,
  pullPatience = PULL_PATIENCE_MS,
): Engine {
  const { docker, hangUp } = connectTo(typeof access === 'string' ? { url: access } : access);
  const ours = oursOf(instance);
  const inspected = createInspected((id) => found(docker.getContainer(id).inspect()));
  return {
    ...aboutOf(docker),
    ...imagesOf(docker, pullPatience),
    ...containersOf(docker, ours, inspected),
    ...networksOf(docker, ours),
    ...volumesOf(docker, ours),
    ...outputOf(docker),
    ...happeningsOf(docker, ours, inspected),
    run: (inside, command, signal) => runExec(docker, { instance, ...inside }, { command, signal }),
    prepare: (inside, program) => prepareExec(docker, { instance, ...inside }, program),
    perform: (exec) => docker.getExec(exec).start({ hijack: true, stdin: false }),
    async execState(exec) {
      const state = await found(docker.getExec(exec).inspect());
      return state && { isRunning: state.Running, exitCode: state.ExitCode };
    },
    exec: (inside, program) => startExec(docker, { instance, ...inside }, program),
    usage: (id) => found(readUsage(docker, id)),
    hangUp,
  };
}
