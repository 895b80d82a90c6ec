import { LABELS } from './labels.ts';

type Filter = { readonly label: string[] };

/** Filters for what belongs to this installation: everything else is never seen nor touched. */
export interface Ours {
  readonly all: Filter;
  app(id: string): Filter;
  project(id: string): Filter;
  /** Containers of cep's own, for what they are. */
  helpers(kind: string): Filter;
}

export function oursOf(instance: string): Ours {
  const ours = `${LABELS.instance}=${instance}`;
  return {
    all: { label: [ours] },
    app: (id) => ({ label: [ours, `${LABELS.app}=${id}`] }),
    project: (id) => ({ label: [ours, `${LABELS.project}=${id}`] }),
    helpers: (kind) => ({ label: [ours, `${LABELS.helper}=${kind}`] }),
  };
}
