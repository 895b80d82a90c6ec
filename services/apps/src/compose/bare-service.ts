import type { Service } from './model.ts';

/** A service of cep's own, to which what it needs is added: without rights, ports and places to write. */
export const bareService = (name: string, image: string): Service => ({
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
  user: '65534',
  workingDir: null,
  hostname: null,
  aliases: [],
  init: false,
  readOnly: false,
  capAdd: [],
  capDrop: ['ALL'],
  shmSizeBytes: null,
  stopGraceSeconds: 0,
  stopSignal: null,
  memoryBytes: null,
  cpus: null,
  pids: null,
});
