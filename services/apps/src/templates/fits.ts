/** Whether a template can run on a machine. Pure. */
import { Problem } from '@cep/contracts/problems';
import { parseSize } from '../compose/quantities.ts';
import type { Machine } from '../engine/machine.ts';
import type { XCep } from './x-cep.ts';

type Needs = Pick<XCep, 'architectures' | 'resources'>;

/**
 * @param machine  left out: nothing is known of it, and anything fits
 * @throws {Problem} `invalid-request` that names the path, what is needed and what is there
 */
export function assertFits(template: Needs, machine: Machine | undefined): void {
  assertArchitecture(template, machine?.platform);
  assertRoom(template, machine?.capacity);
}

function assertArchitecture({ architectures }: Needs, platform: string | undefined): void {
  const own = platform?.split('/')[1];
  if (!architectures || own === undefined || architectures.some((each) => each === own)) return;
  throw refused(`x-cep/architectures are ${architectures.join(', ')}, but the machine is ${own}`);
}

/** What a machine is sold with is never wholly there: firmware and kernel take some. */
const SHARE_OF_MEMORY = 0.9;

function assertRoom({ resources }: Needs, capacity: Machine['capacity']): void {
  const { memory, cpus = 0 } = resources?.minimum ?? {};
  if (!capacity) return;
  const bytes = memory === undefined ? 0 : (parseSize(memory) ?? 0);
  if (capacity.memoryBytes < bytes * SHARE_OF_MEMORY) {
    const there = Math.floor(capacity.memoryBytes / 2 ** 20);
    throw refused(
      `x-cep/resources/minimum/memory is ${memory}, but the engine’s machine has ${there}m`,
    );
  }
  if (capacity.cpus < cpus) {
    throw refused(
      `x-cep/resources/minimum/cpus is ${cpus}, but the engine’s machine has ${capacity.cpus}`,
    );
  }
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
