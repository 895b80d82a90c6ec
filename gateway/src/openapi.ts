/** Describes the contracts as OpenAPI 3.1, whose schemas are JSON Schemas, as ours are. */
import type { Endpoint } from '@cep/contracts/endpoint';
import { problems } from '@cep/contracts/problems';
import type { TSchema } from '@cep/contracts/schema';
import { version } from './version.ts';

type Json = Record<string, unknown>;

/** @param api  endpoints by name; those that only the gateway may call are left out */
export function openApi(api: Readonly<Record<string, Endpoint>>): Json {
  const paths: Record<string, Json> = {};
  for (const [operationId, endpoint] of Object.entries(api)) {
    if (endpoint.access === 'gateway') continue;
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method]: operation(operationId, endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'cep', version },
    paths,
    components: {
      schemas: { Problem: PROBLEM },
      responses: {
        Problem: {
          description: 'Why it failed (RFC 9457)',
          content: { 'application/problem+json': { schema: { $ref: SCHEMAS + 'Problem' } } },
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

const SCHEMAS = '#/components/schemas/';

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { enum: Object.keys(problems).map((code) => `urn:cep:problem:${code}`) },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'one sentence for people' },
    instance: { type: 'string' },
    requestId: { type: 'string', format: 'uuid' },
  },
};

const PROJECT = {
  name: 'cep-project',
  in: 'header',
  description: "name of the project to act in; the caller's own when absent",
  schema: { type: 'string' },
};

function operation(operationId: string, endpoint: Endpoint): Json {
  const { summary, access, params, query, body } = endpoint;
  return {
    operationId,
    summary,
    tags: [endpoint.path.split('/')[2]],
    security: access === 'anyone' ? [{}, { token: [] }] : [{ token: [] }],
    parameters: [...parameters('path', params), ...parameters('query', query), PROJECT],
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: {
      [endpoint.status]: success(endpoint),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function success({ status, reply, events, summary }: Endpoint): Json {
  if (events) {
    const description = 'Server-sent events: "data" as described, then "end" or "problem"';
    return { description, content: { 'text/event-stream': { schema: events } } };
  }
  if (status === 204 || !reply) return { description: 'Done' };
  return { description: summary, content: json(reply) };
}

const json = (schema: TSchema): Json => ({ 'application/json': { schema } });

interface Members {
  readonly properties?: Readonly<Record<string, { description?: string }>>;
  readonly required?: readonly string[];
}

function parameters(where: 'path' | 'query', schema?: TSchema): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as Members;
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || (required.includes(name) && !('default' in property)),
    schema: property,
  }));
}
