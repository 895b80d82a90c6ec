/** The list of app templates of Portainer, versions 2 and 3. Pure. */
import { convertCompose, NotConvertible } from './compose.ts';
import {
  type About,
  type Converted,
  Draft,
  line,
  listOf,
  type Members,
  membersOf,
  type Parameter,
  slug,
  type Tree,
  textOf,
} from './draft.ts';

const CONTAINER = 1;
const COMPOSE_STACK = 3;

/**
 * @param stackFile  the compose file of a stack, by its path in the list's repository, if there is one
 * @throws {NotConvertible}
 */
export function convertPortainer(
  template: Members,
  stackFile: (path: string) => Members | undefined,
): Converted {
  const about = aboutOf(template);
  const draft = new Draft();
  const type = Number(template.type ?? CONTAINER);
  if (textOf(template.platform) === 'windows')
    throw new NotConvertible(`${about.id} is for Windows.`);
  if (type === CONTAINER)
    return convertCompose(containerOf(draft, template, about.id), about, draft);
  if (type !== COMPOSE_STACK)
    throw new NotConvertible(`${about.id} is neither a container nor a compose stack.`);
  const { url, stackfile } = membersOf(template.repository);
  const document = stackFile(textOf(stackfile) ?? '');
  if (!document) {
    const where = line(`${textOf(stackfile) ?? '?'} of ${textOf(url) ?? '?'}`, 200);
    throw new NotConvertible(`${about.id} is the file ${where}: get that, and convert it.`);
  }
  readEnv(draft, listOf(template.env));
  return convertCompose(document, about, draft);
}

function aboutOf(template: Members): About {
  const name = textOf(template.title) ?? textOf(template.name) ?? 'app';
  const summary = textOf(template.description);
  const note = textOf(template.note);
  const category = textOf(listOf(template.categories)[0]);
  return {
    id: slug(name),
    name,
    ...(summary && { summary, description: [summary, note].filter(Boolean).join('\n\n') }),
    ...(category && { category }),
  };
}

function containerOf(draft: Draft, template: Members, id: string): Members {
  const volumes = listOf(template.volumes).map((tree) => {
    const { bind, container, readonly } = membersOf(tree);
    return { source: bind ?? '', target: container ?? '', read_only: readonly === true };
  });
  return {
    services: {
      [id]: {
        image: template.image ?? null,
        environment: readEnv(draft, listOf(template.env)),
        ports: listOf(template.ports),
        volumes,
        restart: template.restart_policy ?? 'unless-stopped',
        ...(template.command && { command: template.command }),
        ...(template.hostname && { hostname: template.hostname }),
        ...(template.privileged === true && { privileged: true }),
        ...(template.network &&
          template.network !== 'bridge' && { network_mode: template.network }),
      },
    },
  };
}

/** Adds a parameter for each variable that people may set. */
function readEnv(draft: Draft, env: readonly Tree[]): Members {
  return Object.fromEntries(
    env.flatMap((tree) => {
      const entry = membersOf(tree);
      const name = textOf(entry.name);
      if (!name || !/^[A-Za-z_]\w{0,63}$/.test(name)) return [];
      const fixed =
        textOf(entry.set) ?? (entry.preset === true ? textOf(entry.default) : undefined);
      if (fixed !== undefined) return [[name, fixed.replaceAll('$', '$$$$')]];
      if (!draft.has(name)) draft.parameters.push(parameterOf(name, entry));
      return [[name, `\${${name}}`]];
    }),
  );
}

/** In a default of ours a dollar sign begins a variable. */
const plain = (text: string): string => text.replaceAll('$', '$$$$');

function parameterOf(name: string, entry: Members): Parameter {
  const standard = textOf(entry.default);
  const help = line(textOf(entry.description) ?? '', 1000);
  const about = { name, label: line(textOf(entry.label) ?? name, 200), ...(help && { help }) };
  const choices = listOf(entry.select).map(membersOf);
  if (choices.length > 0) {
    const options = choices.map((choice) => ({
      value: textOf(choice.value) ?? '',
      label: line(textOf(choice.text) ?? textOf(choice.value) ?? '', 200),
    }));
    const chosen = choices.findIndex((choice) => choice.default === true);
    return {
      ...about,
      type: 'select',
      options,
      default: plain(options[Math.max(chosen, 0)]?.value ?? ''),
    };
  }
  if (/PASS|SECRET|TOKEN/i.test(name)) {
    return { ...about, type: 'password', generate: { kind: 'alnum' }, immutable: true };
  }
  return {
    ...about,
    type: 'string',
    ...(standard !== undefined && { default: plain(line(standard, 1000)) }),
  };
}
