/** Changes the limits of a container while it stays the same, running or not. */
import type Docker from 'dockerode';
import type { Limits } from '../reconciler/state.ts';
import { enforce, found, unless } from './answers.ts';
import { Failure } from './failures.ts';
import { LABELS } from './labels.ts';
import { updatePayload } from './limits.ts';
import { judgeUpdate, type Scope } from './policy.ts';
import { readUsage } from './usage.ts';

/**
 * One that has gone meanwhile is a state to look at again.
 *
 * @throws {Failure} `out-of-memory` when it uses more now than it is to have: the engine would have it killed
 */
export async function updateContainer(
  docker: Docker,
  { id, limits }: { readonly id: string; readonly limits: Partial<Limits> },
  scope: Scope,
): Promise<void> {
  const container = docker.getContainer(id);
  const detail = await found(container.inspect());
  if (!detail) return;
  const payload = updatePayload(limits);
  const labels = detail.Config.Labels;
  enforce(judgeUpdate(payload, scope, labels));
  const { memoryBytes = 0 } = limits;
  if (detail.State.Running && memoryBytes > 0 && memoryBytes < (detail.HostConfig.Memory ?? 0)) {
    const usage = await found(readUsage(docker, id));
    if (usage && usage.memoryBytes > memoryBytes) {
      throw tooLittle(labels[LABELS.service] ?? '', usage.memoryBytes, memoryBytes);
    }
  }
  await container.update(payload).catch(unless(404));
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

const tooLittle = (service: string, used: number, wanted: number): Failure =>
  new Failure({
    code: 'out-of-memory',
    message: `${service} uses ${mebibytes(used)} of memory now, and would not live with ${mebibytes(wanted)}: its limit was left as it is.`,
    next: 'Give it more, or run "cep apps restart" and try again while it uses less.',
  });
