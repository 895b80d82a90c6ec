import { serviceSettings } from '@cep/config/service';
import { closed, type Static, Type } from '@cep/contracts/schema';

export const AccountsConfig = closed({
  ...serviceSettings,
  FIRST_ADMIN_PASSWORD: Type.Optional(
    Type.String({
      minLength: 12,
      maxLength: 1024,
      description: 'of the user "admin", who is made while there are no users',
    }),
  ),
});
export type AccountsConfig = Static<typeof AccountsConfig>;
