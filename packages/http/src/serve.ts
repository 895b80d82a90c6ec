import type { AnonymousCaller, Caller, GatewayCaller, UserCaller } from '@cep/contracts/caller';
import { checker } from '@cep/contracts/check';
import type { Endpoint, Input, Reply, StreamEvent } from '@cep/contracts/endpoint';
import type { HostCaller } from '@cep/contracts/host-caller';
import { Problem } from '@cep/contracts/problems';
import type { Request, Response, Router } from 'express';
import { sendEvents, type WrittenJson } from './events.ts';

/** The caller that a handler is given follows from the endpoint's `access`. */
type CallerOf<E extends Endpoint> = E extends { access: 'anyone' }
  ? UserCaller | AnonymousCaller
  : E extends { access: 'gateway' }
    ? GatewayCaller
    : E extends { access: 'host' }
      ? HostCaller
      : UserCaller;

/** Nothing at all where the endpoint declares no reply. */
type Answer<E extends Endpoint> = 'reply' extends keyof E ? Reply<E> : void;

type Handler<E extends Endpoint> = (input: Input<E>, caller: CallerOf<E>) => Promise<Answer<E>>;

/** @param signal  aborted when the client goes away */
type StreamHandler<E extends Endpoint> = (
  input: Input<E>,
  caller: CallerOf<E>,
  signal: AbortSignal,
) => Promise<AsyncIterable<StreamEvent<E> | WrittenJson>>;

/** Serves one endpoint: checks the request, hands its parts to `handle`, sends what that returns. */
export function serve<E extends Endpoint>(router: Router, endpoint: E, handle: Handler<E>): void {
  const prepare = preparer(endpoint);
  router[endpoint.method](endpoint.path, async (req, res) => {
    const reply = await handle(...prepare(req, res));
    if (endpoint.status === 204) res.status(204).end();
    else res.status(endpoint.status).json(reply);
  });
}

/**
 * As {@link serve}, for an endpoint that declares `events`. What `handle` throws before its first
 * event is an ordinary problem; later, the stream ends with an event named `problem`.
 */
export function serveEvents<E extends Endpoint>(
  router: Router,
  endpoint: E,
  handle: StreamHandler<E>,
): void {
  const prepare = preparer(endpoint);
  router[endpoint.method](endpoint.path, async (req, res) => {
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    await sendEvents(res, await handle(...prepare(req, res), gone.signal));
  });
}

/** Compiles the endpoint's checks once; the result checks one request. */
function preparer<E extends Endpoint>(endpoint: E) {
  const params = endpoint.params && checker(endpoint.params, 'path', 'text');
  const query = checker(endpoint.query ?? NOTHING, 'query', 'text');
  const body = endpoint.body && checker(endpoint.body, 'body');

  return (req: Request, res: Response): [Input<E>, CallerOf<E>] => {
    const caller: Caller = res.locals.caller;
    admit(caller, endpoint);
    const input = {
      params: params?.({ ...req.params }),
      query: query({ ...req.query }),
      body: body?.(req.body ?? {}),
    };
    return [input as Input<E>, caller as CallerOf<E>];
  };
}

const NOTHING = { type: 'object', additionalProperties: false } as const;

function admit(caller: Caller, { access = 'user', supervised }: Endpoint): void {
  if (caller.kind === 'user' && caller.isOutsider && !supervised) throw outside(caller);
  if (access === 'anyone' && caller.kind !== 'gateway') return;
  if (caller.kind === access) return;
  if (access === 'user') throw new Problem('not-signed-in', 'Sign in with "cep login".');
  if (access === 'host') throw new Problem('not-signed-in', 'Only an enrolled host may ask this.');
  throw new Problem('forbidden', 'Only the gateway may ask this.');
}

const outside = ({ projectName }: UserCaller): Problem =>
  new Problem(
    'forbidden',
    `You are not a member of the project "${projectName}". Administrators list, show, start, stop and destroy its apps, and read their logs; the rest is for members.`,
  );
