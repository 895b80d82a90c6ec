import { Change, deployApp, params } from './apps.ts';
import { endpoint } from './endpoint.ts';
import { DnsLabel, type Static, Type } from './schema.ts';

const Digest = Type.Union([Type.String(), Type.Null()], {
  description: 'sha256:…; null: not known',
});

export const Plan = Type.Object({
  app: DnsLabel,
  images: Type.Array(
    Type.Object({
      service: DnsLabel,
      image: Type.String({ description: 'as the template has it, e.g. redis:8' }),
      from: Digest,
      to: Digest,
    }),
    { description: 'services that will run another image than now' },
  ),
  steps: Type.Array(
    Type.Object({
      do: Type.String({ description: 'e.g. pull, create, start, wait, stop, remove' }),
      what: Type.String(),
      after: Type.Array(Type.Integer({ minimum: 1 }), {
        description: 'numbers of the steps before it, from 1',
      }),
    }),
  ),
});
export type Plan = Static<typeof Plan>;

export const planDeployment = endpoint({
  method: 'post',
  path: '/v1/plans',
  summary: 'Show what a deployment would do, and do nothing',
  status: 200,
  body: deployApp.body,
  reply: Plan,
});

export const planUpdate = endpoint({
  method: 'post',
  path: '/v1/apps/:app/plan',
  summary: 'Show what an update would do, and do nothing',
  status: 200,
  params,
  body: Change,
  reply: Plan,
});
