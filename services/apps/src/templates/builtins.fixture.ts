import type { Builtins } from './builtins.ts';

/** Of an app `shop` that is reached on 10.42.0.2. */
export const builtins: Builtins = {
  CEP_APP_ID: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  CEP_APP_NAME: 'shop',
  CEP_HOST: '10.42.0.2',
  CEP_TZ: 'UTC',
  CEP_LANG: 'en',
  CEP_UID: '1000',
  CEP_GID: '1000',
};
