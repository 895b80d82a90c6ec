import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, Id, oneOf, Type } from './schema.ts';

const params = closed({ app: DnsLabel });

const Size = closed({
  columns: Type.Integer({ minimum: 1, maximum: 1000 }),
  rows: Type.Integer({ minimum: 1, maximum: 1000 }),
});

export const execute = endpoint({
  method: 'post',
  path: '/v1/apps/:app/executions',
  summary: 'Run a program in a container of an app; it ends with the stream',
  status: 200,
  params,
  body: closed({
    service: Type.Optional(DnsLabel),
    command: Type.Array(Type.String({ maxLength: 32_768 }), { minItems: 1, maxItems: 256 }),
    terminal: Type.Optional(Size),
    input: Type.Boolean({ default: false, description: 'whether it is given an input' }),
  }),
  events: Type.Object({
    execution: Type.Optional(Id),
    stream: Type.Optional(oneOf('stdout', 'stderr')),
    data: Type.Optional(Type.String({ description: 'what it printed, base64' })),
    exitCode: Type.Optional(Type.Integer({ description: 'in the last event' })),
  }),
});

export const steerExecution = endpoint({
  method: 'post',
  path: '/v1/executions/:execution',
  summary: 'Give a program that was started by the same caller more of its input, or another size',
  status: 204,
  params: closed({ execution: Id }),
  body: closed({
    data: Type.Optional(Type.String({ maxLength: 900_000, description: 'base64' })),
    end: Type.Optional(Type.Boolean({ description: 'nothing comes after this' })),
    size: Type.Optional(Size),
  }),
});
