/** Looking through what can be deployed. Pure. */
import type { Template } from '@cep/contracts/templates';
import type { Columns } from '../table.ts';

export const isInCategory = ({ categories }: Template, category: string): boolean =>
  categories.includes(category.toLowerCase());

/**
 * The templates that have every word somewhere in their id, name, summary, categories or tags;
 * those whose id or name begins with the first word come first.
 */
export function searchTemplates(templates: readonly Template[], text: string): Template[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const [first = ''] = words;
  const begins = ({ id, name }: Template) =>
    id.startsWith(first) || name.toLowerCase().startsWith(first);
  return templates
    .filter((template) => {
      const { id, name, summary, categories, tags } = template;
      const whole = [id, name, summary, ...categories, ...tags].join('\n').toLowerCase();
      return words.every((word) => whole.includes(word));
    })
    .toSorted((a, b) => Number(begins(b)) - Number(begins(a)));
}

export const templateColumns: Columns<Template> = {
  NAME: ({ id, enabled }) => (enabled ? id : `${id} (disabled)`),
  VERSION: ({ version }) => version,
  CATEGORY: ({ categories }) => categories[0] ?? '',
  STORE: ({ store }) => store,
  SUMMARY: ({ summary }) => summary,
};
