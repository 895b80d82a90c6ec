import type { Static, TSchema } from 'typebox';

/**
 * Who may call an endpoint: `user`, a signed-in person or their token (the default); `host`, an
 * enrolled host; `anyone`, also without a credential; `gateway`, the gateway itself and nobody from outside.
 */
export type Access = 'user' | 'host' | 'anyone' | 'gateway';

/** One HTTP operation. The service serves it, the CLI calls it; neither repeats what it says. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Express path, e.g. `/v1/networks/:network/hosts`; the first noun tells the gateway the service. */
  readonly path: `/v1/${string}`;
  /** One line for people, as it stands in the API's description. */
  readonly summary: string;
  readonly status: 200 | 201 | 202 | 204;
  readonly access?: Access;
  /** Whether administrators may ask it of a project that they are no member of, by naming it. */
  readonly supervised?: true;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly reply?: TSchema;
  /** In place of `reply`: the shape of each server-sent event, for replies that go on. */
  readonly events?: TSchema;
}

type Shape<S> = S extends TSchema ? Static<S> : undefined;

/** What a client must give and a handler is given: the declared parts, each of its declared shape. */
export type Input<E extends Endpoint> = {
  [Part in 'params' | 'query' | 'body' as Part extends keyof E ? Part : never]: Shape<E[Part]>;
};

export type Reply<E extends Endpoint> = 'reply' extends keyof E ? Shape<E['reply']> : undefined;

/** One of the events of an endpoint that streams. */
export type StreamEvent<E extends Endpoint> = 'events' extends keyof E ? Shape<E['events']> : never;

export const endpoint = <const E extends Endpoint>(declaration: E): E => declaration;
