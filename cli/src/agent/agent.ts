/**
 * One host of this machine, as long as it runs: the control plane is listened to, and the certificate
 * renewed. Whatever the control plane does or fails to do, nebula goes on with what was good last.
 */
import { parseCertificate } from '@cep/nebula/certificates';
import { applyBundle, type RunningHost } from './apply-bundle.ts';
import { pauseAfter } from './backoff.ts';
import { type ControlPlane, controlPlaneOf } from './control-plane.ts';
import type { Enrolment } from './enrolment.ts';
import { createJournal, type Journal } from './journal.ts';
import { nextTunnelKey } from './keys.ts';
import { keepNames, type Names } from './names/keep-names.ts';
import { becauseOf } from './next-step.ts';
import { pause } from './pause.ts';
import { renewalTime } from './renewal.ts';
import { guidesOf } from './stale-tunnels.ts';
import { refresh } from './tunnels.ts';

/** A connection that lasted so long was a good one. */
const STEADY_MS = 10_000;
/** Clocks are set and machines sleep: no timer is trusted for longer. */
const LOOK_AGAIN_MS = 60_000;

interface Agent {
  readonly host: RunningHost;
  readonly journal: Journal;
  readonly names: Names;
  readonly stop: AbortSignal;
  /** What nebula runs. */
  current: Enrolment;
  /** Version of the newest bundle that was tried. */
  tried: number;
  /** What is being applied: one after the other, as a renewed certificate comes by two ways. */
  queue: Promise<unknown>;
}

/** @returns the journal, what nebula is to run now, and a promise that resolves after `stop` */
export function startAgent(host: RunningHost, enrolled: Enrolment, stop: AbortSignal) {
  const { server, content } = enrolled;
  const hostId = content.host.id;
  const controlPlane = server && controlPlaneOf(host.folder, { server, hostId }, stop);
  const journal = createJournal(host, content, controlPlane);
  const tried = content.version;
  const names = keepNames(host, content, stop);
  const agent: Agent = {
    ...{ host, journal, names, stop, current: enrolled, tried },
    queue: Promise.resolve(),
  };
  const work = [refreshGuides(agent), names.ended];
  if (controlPlane) work.push(follow(agent, controlPlane), renewInTime(agent, controlPlane));
  return { journal, content: () => agent.current.content, ended: Promise.all(work) };
}

function apply(agent: Agent, bundle: string): Promise<void> {
  const { host, journal } = agent;
  const applied = agent.queue.then(async () => {
    const { inUse, tried, problem } = await applyBundle(host, agent.current, bundle);
    if (inUse !== agent.current) host.log(`running with version ${inUse.content.version}`);
    agent.current = inUse;
    agent.tried = Math.max(agent.tried, tried);
    journal.runs(inUse.content);
    agent.names.use(inUse.content);
    journal.note('bundle', problem);
  });
  agent.queue = applied.catch(() => {});
  return applied.catch((error: Error) => {
    journal.note('bundle', error.message);
    throw error;
  });
}

async function follow(agent: Agent, { bundles }: ControlPlane): Promise<void> {
  const { journal, stop } = agent;
  let failures = 0;
  while (!stop.aborted) {
    const began = Date.now();
    const failure = await listen(agent, bundles).catch((error: Error) => error);
    if (stop.aborted) return;
    journal.meets({ connected: false, because: becauseOf(failure, agent.host.folder) });
    failures = Date.now() - began > STEADY_MS ? 1 : failures + 1;
    await pause(pauseAfter(failure, failures), stop);
  }
}

/** @returns why the connection ended */
async function listen(agent: Agent, bundles: ControlPlane['bundles']): Promise<Error> {
  const stream = await bundles(agent.tried);
  agent.journal.meets({ connected: true });
  for await (const { bundle } of stream) await apply(agent, bundle);
  return new Error('the control plane ended the connection');
}

/** When two thirds of the time are over; what remains is for trying again. */
async function renewInTime(agent: Agent, { renew }: ControlPlane): Promise<void> {
  const { host, journal, stop } = agent;
  let failures = 0;
  while (!stop.aborted) {
    const left = renewalTime(agent.current.content.certificate).getTime() - Date.now();
    if (left > 0) {
      failures = 0;
      await pause(Math.min(left, LOOK_AGAIN_MS), stop);
      continue;
    }
    failures += 1;
    const failure = await renew(nextTunnelKey(host.folder.path))
      .then((bundle) => apply(agent, bundle))
      .then(
        () => undefined,
        (error: Error) => error,
      );
    if (stop.aborted) return;
    journal.note('renewal', failure && `The certificate was not renewed: ${failure.message}`);
    await pause(pauseAfter(failure, failures), stop);
  }
}

async function refreshGuides(agent: Agent): Promise<void> {
  const { host, stop } = agent;
  while (!stop.aborted) {
    const { notBefore, notAfter } = parseCertificate(agent.current.content.certificate);
    await pause(Math.min(LOOK_AGAIN_MS, ((notAfter - notBefore) * 1000) / 20), stop);
    const guides = guidesOf(agent.current.content);
    // A nebula that is just being started has no tunnels either.
    if (guides.length > 0) await host.debug.session((ask) => refresh(ask, guides)).catch(() => {});
  }
}
