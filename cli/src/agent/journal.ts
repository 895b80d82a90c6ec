/** What an agent knows of itself: kept for `cep host status`, and told to the control plane. */
import type { AgentReport } from '@cep/contracts/agents';
import type { Bundle } from '@cep/contracts/bundle';
import { fingerprint, parseCertificate } from '@cep/nebula/certificates';
import { program } from '../program.ts';
import { writeState } from './agent-state.ts';
import type { RunningHost } from './apply-bundle.ts';
import type { ControlPlane } from './control-plane.ts';

type Part = 'nebula' | 'bundle' | 'renewal';

export interface Journal {
  /** @param problem  a sentence; nothing when there is none any more */
  note(part: Part, problem?: string): void;
  runs(bundle: Bundle): void;
  meets(meeting: { readonly connected: boolean; readonly because?: string }): void;
}

const LONGEST_PROBLEM = 500;

export function createJournal(
  { folder, nebula, log }: RunningHost,
  first: Bundle,
  controlPlane: Pick<ControlPlane, 'report'> | undefined,
): Journal {
  const problems = new Map<Part, string>();
  let bundle = first;
  let connected = false;
  let because: string | null = 'There was no connection yet.';
  let reported = '';
  let reporting = false;

  function tell(): void {
    const [problem = null] = problems.values();
    const running = { bundleVersion: bundle.version, nebulaVersion: nebula.version };
    writeState(folder, { connected, disconnectedBecause: because, ...running, problem });
    if (!reporting) void keepReporting();
  }

  function currentReport(): AgentReport {
    const [problem] = problems.values();
    return {
      ...{ bundleVersion: bundle.version, nebulaVersion: nebula.version },
      fingerprint: fingerprint(parseCertificate(bundle.certificate)),
      agentVersion: program.version,
      ...(problem && { problem: problem.slice(0, LONGEST_PROBLEM) }),
    };
  }

  /** One after the other: of two under way the older might arrive last, and stay. */
  async function keepReporting(): Promise<void> {
    reporting = true;
    for (let report = currentReport(); connected; report = currentReport()) {
      const said = JSON.stringify(report);
      if (said === reported) break;
      reported = said;
      try {
        await controlPlane?.report(report);
      } catch (error) {
        reported = '';
        log(`the control plane was not told what runs here: ${(error as Error).message}`);
        break;
      }
    }
    reporting = false;
  }

  tell();
  return {
    note(part, problem) {
      if (problems.get(part) === problem) return;
      if (problem === undefined) problems.delete(part);
      else problems.set(part, problem);
      if (problem !== undefined) log(problem);
      tell();
    },
    runs(next) {
      bundle = next;
      tell();
    },
    meets(meeting) {
      const why = meeting.because ?? null;
      if (connected !== meeting.connected || because !== why)
        log(meeting.connected ? 'connected to the control plane' : `not connected: ${why}`);
      connected = meeting.connected;
      because = why;
      reported = '';
      tell();
    },
  };
}
