/** What a generation of an app is made of. Secrets are in it: at rest it is sealed. */
import type { Sealer } from '@cep/sealing/sealer';
import type { RenderedApp } from '../compose/model.ts';
import type { PoolWish } from '../pools/choose.ts';
import type { Written } from '../templates/template.ts';

export interface Document {
  /** As they were given: the same request again is told by them. */
  readonly requested: Readonly<Record<string, string>>;
  /** All of them, defaults and generated ones included. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Names of parameters that are not shown unless asked for. */
  readonly sensitive: readonly string[];
  readonly rendered: RenderedApp;
  /** The pools that were wanted for its volumes; new ones follow it. */
  readonly pools?: PoolWish;
  /** The template as it was then; absent in documents of the first version. */
  readonly written?: Written;
}

/** Values that must not be seen in what is told of the app. */
export const secretsOf = ({ parameters, sensitive }: Document): string[] =>
  sensitive.flatMap((name) => parameters[name] ?? []);

const purpose = (appId: string): string => `generation:${appId}`;

export const sealDocument = (sealer: Sealer, appId: string, document: Document): Buffer =>
  sealer.seal(Buffer.from(JSON.stringify(document)), purpose(appId));

/** @throws {Error} when it was sealed for another app or under another master key */
export const openDocument = (sealer: Sealer, appId: string, sealed: Uint8Array): Document =>
  JSON.parse(sealer.open(sealed, purpose(appId)).toString()) as Document;

/** What lists need of a generation, in clear: nothing in it is secret. */
export interface Outline {
  readonly services: readonly { readonly name: string; readonly image: string }[];
  readonly endpoints: RenderedApp['endpoints'];
}

export const outlineOf = ({ services, endpoints }: RenderedApp): Outline => ({
  services: services.map(({ name, image }) => ({ name, image })),
  endpoints,
});
