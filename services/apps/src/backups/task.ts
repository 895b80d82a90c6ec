/** What is known of a job, and what is needed to do it. */
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { helperName } from '../engine/names.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import type { Deps as TakeDeps } from '../reconciler/take.ts';
import type { Work } from '../reconciler/work.ts';
import type { JobRow } from './job-store.ts';
import type { BackupRow } from './store.ts';
import type { TargetRow } from './target-store.ts';

export interface Deps extends TakeDeps {
  readonly db: Pool;
  readonly sealer: Sealer;
  /** Since when the engine is reached without a break, milliseconds since 1970. */
  readonly foundAt: () => number;
}

/** All that is known of a job, read anew in each pass. */
export interface Task {
  readonly job: JobRow;
  /** With those of its contents that the job is about. */
  readonly backup: BackupRow;
  readonly target: TargetRow;
  readonly work: Work;
  readonly containers: readonly ObservedContainer[];
}

/** Whether a container of an app is cep's own, and none that the reconciler knows. */
export const isHelperOf = (job: Pick<JobRow, 'id'>, { name }: { readonly name: string }): boolean =>
  name.startsWith(helperName(job.id, ''));
