import { validate } from '@apidevtools/swagger-parser';
import { api } from '@cep/contracts/api';
import { expect, test } from '@jest/globals';
import { openApi } from './openapi.ts';

const description = JSON.parse(JSON.stringify(openApi(api))) as Parameters<typeof validate>[0] & {
  paths: Record<string, Record<string, unknown>>;
};

test('the description of the API is valid OpenAPI 3.1', async () => {
  expect(await validate(structuredClone(description))).toHaveProperty('openapi', '3.1.0');
});

test('it has every endpoint that the outside may call, and no other', () => {
  const described = Object.values(description.paths).flatMap((path) => Object.keys(path));
  const open = Object.values(api).filter(({ access }) => access !== 'gateway');

  expect(described).toHaveLength(open.length);
  expect(description.paths['/v1/networks/{network}/hosts']).toHaveProperty('post');
  expect(JSON.stringify(description)).not.toContain('/v1/authentications');
});
