/** How a value is written within double quotes of the format that a file is in. Pure. */
import type { TemplateFile } from './x-cep.ts';

/** As JSON has it, and what YAML and TOML do not take as it is: all three know `\uXXXX`. */
const asJson = (value: string): string =>
  JSON.stringify(value)
    .slice(1, -1)
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
      /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

const ESCAPES: Record<TemplateFile['format'], (value: string) => string> = {
  none: (value) => value,
  json: asJson,
  yaml: asJson,
  toml: asJson,
  /** As sh reads it, and with it systemd and docker compose. */
  env: (value) => value.replace(/[\\"$`]/g, '\\$&'),
};

/** @param value  without halves of characters */
export const escaped = (value: string, format: TemplateFile['format']): string =>
  ESCAPES[format](value);
