import type { Service } from './model.ts';

/** A service that says nothing but its image. */
export const plainService = (name: string, image: string): Service => ({
  name,
  image,
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
});

/** A service of cep's own, to which what it needs is added: without rights, ports and places to write. */
export const bareService = (name: string, image: string): Service => ({
  ...plainService(name, image),
  user: '65534',
  capDrop: ['ALL'],
  stopGraceSeconds: 0,
});
