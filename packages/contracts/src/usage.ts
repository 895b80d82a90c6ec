import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, type Static, Type } from './schema.ts';

const params = closed({ app: DnsLabel });

export const ServiceUsage = Type.Object({
  name: DnsLabel,
  cpuPercent: Type.Number({ minimum: 0, description: '100: one processor' }),
  memoryBytes: Type.Integer({ minimum: 0 }),
  memoryLimitBytes: Type.Integer({ minimum: 0, description: "its own, or all of the machine's" }),
  processes: Type.Integer({ minimum: 0 }),
  receivedBytes: Type.Integer({ minimum: 0, description: 'since its container started' }),
  sentBytes: Type.Integer({ minimum: 0 }),
  readBytes: Type.Integer({ minimum: 0 }),
  writtenBytes: Type.Integer({ minimum: 0 }),
});
export type ServiceUsage = Static<typeof ServiceUsage>;

export const getUsage = endpoint({
  method: 'get',
  path: '/v1/apps/:app/stats',
  summary: 'Show what the running services of an app use',
  status: 200,
  supervised: true,
  params,
  reply: Type.Object({ services: Type.Array(ServiceUsage) }),
});
