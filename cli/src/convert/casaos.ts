/** An app of CasaOS: a compose file with `x-casaos`. Pure. */
import { convertCompose } from './compose.ts';
import {
  type Converted,
  Draft,
  type Members,
  membersOf,
  slug,
  type Tree,
  textOf,
} from './draft.ts';

/** @throws {NotConvertible} */
export function convertCasaos(document: Members, otherwise: string): Converted {
  const about = membersOf(document['x-casaos']);
  const main = textOf(about.main);
  const description = inEnglish(about.description);
  const summary = inEnglish(about.tagline) ?? description;
  const name = inEnglish(about.title);
  const category = textOf(about.category);
  return convertCompose(
    { ...document, services: mainFirst(membersOf(document.services), main) },
    {
      id: slug(textOf(document.name) ?? name ?? otherwise),
      ...(name && { name }),
      ...(summary && { summary }),
      ...(description && { description }),
      ...(category && { category }),
    },
    new Draft(),
  );
}

function mainFirst(services: Members, main = ''): Members {
  const first = Object.hasOwn(services, main) ? services[main] : undefined;
  return first === undefined ? services : { [main]: first, ...services };
}

/** A text, or the English one of several. */
function inEnglish(tree: Tree | undefined): string | undefined {
  const texts = membersOf(tree);
  const english = ['en_us', 'en_US', 'en', 'en_gb', 'en_GB'].find((language) => texts[language]);
  return textOf(tree) ?? textOf(english === undefined ? Object.values(texts)[0] : texts[english]);
}
