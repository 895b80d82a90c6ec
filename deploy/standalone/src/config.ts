import { AllowedRegistries, BackupImage, PullPatience } from '@cep/apps/config';
import { cepHome } from '@cep/config/home';
import { loadConfig } from '@cep/config/load';
import { closed, type Static, Type } from '@cep/contracts/schema';

const Settings = closed({
  CEP_PORT: Type.Integer({
    default: 8443,
    minimum: 0,
    maximum: 65535,
    description: 'of the gateway, HTTPS; 0: any free one',
  }),
  CEP_LISTEN: Type.Optional(
    Type.String({ description: 'address the gateway listens on; absent: every one' }),
  ),
  CEP_NAMES: Type.String({
    default: '',
    description: 'more names and addresses for its certificate, by commas',
  }),
  CEP_COMMAND: Type.String({ default: './cep', description: 'how people type the CLI here' }),
  DOCKER_HOST: Type.String({ default: 'unix:///var/run/docker.sock' }),
  BACKUP_IMAGE: BackupImage,
  PULL_PATIENCE: PullPatience,
  ALLOWED_REGISTRIES: AllowedRegistries,
});

/** What an operator can set; `CEP_HOME` besides, which moves all state. */
export type Settings = Static<typeof Settings> & { readonly home: string };

export const loadSettings = (): Settings => ({ ...loadConfig(Settings), home: cepHome() });
