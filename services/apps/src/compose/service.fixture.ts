import type { Service } from './model.ts';

/** A service that says nothing but its image, with what is asked for on top. */
export const bareService = (changes: Partial<Service> = {}): Service => ({
  name: 'web',
  image: 'nginx:1',
  entrypoint: null,
  command: null,
  environment: {},
  mounts: [],
  ports: [],
  dependsOn: [],
  healthcheck: null,
  restart: 'no',
  user: null,
  workingDir: null,
  hostname: null,
  aliases: [],
  init: false,
  readOnly: false,
  capAdd: [],
  shmSizeBytes: null,
  stopGraceSeconds: 10,
  stopSignal: null,
  memoryBytes: null,
  cpus: null,
  pids: null,
  ...changes,
});
