import { serviceSettings } from '@cep/config/service';
import { closed, type Static, Type } from '@cep/contracts/schema';

/** Everything that an operator can set for this service. */
export const NetworkConfig = closed({
  ...serviceSettings,
  MASTER_KEY: Type.String({
    pattern: '^[A-Za-z0-9+/]{43}=$',
    description: '32 bytes as base64, best given as MASTER_KEY_FILE',
  }),
  AUTHORITY_DAYS: Type.Integer({
    default: 3650,
    minimum: 1,
    maximum: 36500,
    description: "lifetime of a network's certificate authority",
  }),
  CERTIFICATE_DAYS: Type.Integer({
    default: 90,
    minimum: 1,
    maximum: 3650,
    description: "lifetime of a host's certificate",
  }),
});
export type NetworkConfig = Static<typeof NetworkConfig>;
