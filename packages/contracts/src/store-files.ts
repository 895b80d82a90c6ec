/** The files of an app store that count, by their path in it; whatever else lies there does not. */

const TEMPLATE = /^(apps\/)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\/(compose\.yaml|README\.md)$/;

export const INDEX = 'index.json';
export const SIGNATURE = 'index.json.sig';

/** Templates lie in `apps/ID/` or, where there is no `apps`, in `ID/`. */
export const isTemplateFile = (path: string): boolean => TEMPLATE.test(path);
