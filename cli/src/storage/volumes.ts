import { listPools } from '@cep/contracts/pools';
import { Problem } from '@cep/contracts/problems';
import { listVolumes, type Volume } from '@cep/contracts/volumes';
import type { Client } from '@cep/http/client';

/**
 * The volumes of one pool, or of all.
 *
 * @returns also what is wrong with pools that cannot be looked at, when others can
 * @throws {Problem} what is wrong with the one pool that was asked for
 */
export async function volumesIn(
  client: Client,
  { pool, sizes }: { readonly pool?: string | undefined; readonly sizes: boolean },
): Promise<{ volumes: Volume[]; failures: string[] }> {
  const look = (name: string) =>
    client.call(listVolumes, { params: { pool: name }, query: { sizes } });
  if (pool !== undefined) return { ...(await look(pool)), failures: [] };
  const { pools } = await client.call(listPools, {});
  const answers = await Promise.all(
    pools.map(({ name }) =>
      look(name).catch((error: unknown) => {
        if (error instanceof Problem && error.code === 'unavailable') return error;
        throw error;
      }),
    ),
  );
  const problems = answers.filter((answer) => answer instanceof Problem);
  const [only] = problems;
  if (only && problems.length === answers.length) throw only;
  return {
    volumes: answers.flatMap((answer) => (answer instanceof Problem ? [] : answer.volumes)),
    failures: problems.map(({ message }) => message),
  };
}
