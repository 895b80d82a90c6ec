import { serviceSettings } from '@cep/config/service';
import { closed, type Static, Type } from '@cep/contracts/schema';

/** Another may be set, e.g. one that a registry of one's own has. */
export const BackupImage = Type.String({
  default: 'restic/restic:0.18.1',
  description: 'image with restic in it, which makes backups on the Docker Engine',
});

export const PullPatience = Type.Integer({
  default: 60,
  minimum: 1,
  maximum: 3_600,
  description: 'seconds without any progress after which the pull of an image has failed',
});

/** e.g. `docker.io/library, registry.example/team`. */
export const AllowedRegistries = Type.String({
  default: '',
  description: 'registries, or parts of them, that the images of apps may come from; empty: all',
});

export const AppsConfig = closed({
  ...serviceSettings,
  MASTER_KEY: Type.String({ description: '32 bytes in base64; seals the secrets of apps' }),
  DOCKER_HOST: Type.String({
    default: 'unix:///var/run/docker.sock',
    pattern: '^(unix|tcp)://.+',
    description: 'unix:///path or tcp://host:port of the Docker Engine',
  }),
  BACKUP_IMAGE: BackupImage,
  PULL_PATIENCE: PullPatience,
  ALLOWED_REGISTRIES: AllowedRegistries,
  HOST_ADDRESSES: Type.Enum(['own', 'probe'], {
    default: 'own',
    description: "own: this process sees the machine's addresses; probe: a container asks for them",
  }),
});
export type AppsConfig = Static<typeof AppsConfig>;
