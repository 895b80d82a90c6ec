import { closed, Type } from '@cep/contracts/schema';

export const InitConfig = closed({
  SECRETS: Type.String({ default: '/secrets', description: 'holds one folder for each program' }),
  DATABASE_HOST: Type.String({ default: 'postgres' }),
  BROKER_HOST: Type.String({ default: 'rabbitmq' }),
});
