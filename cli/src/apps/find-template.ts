import { Problem } from '@cep/contracts/problems';
import { getTemplate, listStores, type TemplateDetails } from '@cep/contracts/templates';
import type { Client } from '@cep/http/client';

/**
 * The template of this name in the store named, or in the first store that has one.
 *
 * @throws {Problem} `not-found`
 */
export async function findTemplate(
  client: Client,
  app: string,
  store?: string,
): Promise<TemplateDetails> {
  if (store !== undefined) return client.call(getTemplate, { params: { store, app } });
  const { stores } = await client.call(listStores, {});
  for (const { name } of stores) {
    const found = await client.call(getTemplate, { params: { store: name, app } }).catch(absent);
    if (found) return found;
  }
  throw new Problem('not-found', `No store has an app "${app}": see "cep apps store list".`);
}

function absent(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'not-found') return;
  throw error;
}
