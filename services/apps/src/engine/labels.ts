import type { AppIdentity } from './names.ts';
import { projectOf, setOf } from './names.ts';

/** By these cep knows its own things again. */
export const LABELS = {
  instance: 'cep.instance',
  project: 'cep.project',
  app: 'cep.app',
  appName: 'cep.app-name',
  service: 'cep.service',
  generation: 'cep.generation',
  spec: 'cep.spec',
  volume: 'cep.volume',
  volumeSet: 'cep.volume-set',
  helper: 'cep.helper',
} as const;

export interface Owner {
  /** This installation. */
  readonly instance: string;
  readonly projectId: string;
}

/** What containers, networks and volumes of an app carry alike; docker compose lists by the last. */
export const appLabels = (app: AppIdentity, owner: Owner): Record<string, string> => ({
  [LABELS.instance]: owner.instance,
  [LABELS.project]: owner.projectId,
  [LABELS.app]: app.id,
  [LABELS.appName]: app.name,
  'com.docker.compose.project': projectOf(app),
});

export const networkLabels = (app: AppIdentity, owner: Owner): Record<string, string> => ({
  ...appLabels(app, owner),
  'com.docker.compose.network': 'default',
});

export function volumeLabels(
  app: AppIdentity,
  owner: Owner,
  volume: string,
): Record<string, string> {
  const set = setOf(app.volumeSets, volume);
  return {
    ...appLabels(app, owner),
    [LABELS.volume]: volume,
    ...(set && { [LABELS.volumeSet]: set }),
    'com.docker.compose.volume': volume,
  };
}

/** With these `docker compose ls`, `ps` and `logs` take an app for one of their own. */
export const containerLabels = (
  app: AppIdentity,
  owner: Owner,
  { service, spec }: { readonly service: string; readonly spec: string },
): Record<string, string> => ({
  ...appLabels(app, owner),
  [LABELS.service]: service,
  [LABELS.generation]: String(app.generation),
  [LABELS.spec]: spec,
  'com.docker.compose.service': service,
  'com.docker.compose.container-number': '1',
  'com.docker.compose.oneoff': 'False',
  'com.docker.compose.config-hash': spec.replace(/^v\d+:/, ''),
  'com.docker.compose.version': '2.40.3',
  'com.docker.compose.project.working_dir': `/cep/${projectOf(app)}`,
  'com.docker.compose.project.config_files': `/cep/${projectOf(app)}/compose.yaml`,
});
