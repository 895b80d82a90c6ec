import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, Id, oneOf, type Static, Timestamp, Type } from './schema.ts';

export const User = Type.Object({
  id: Id,
  username: DnsLabel,
  role: oneOf('admin', 'user'),
});
export type User = Static<typeof User>;

/** The credential itself. It is shown when it is made and never again. */
const Secret = Type.String({
  description: 'the bearer token; it is not stored and not shown again',
});

export const signIn = endpoint({
  method: 'post',
  path: '/v1/sessions',
  summary: 'Sign in with a password and receive a token',
  status: 201,
  access: 'anyone',
  body: closed({
    // Any text: whether a name can be one is not told. Only NUL is no text to a database.
    username: Type.String({ minLength: 1, maxLength: 63, pattern: '^[^\\u0000]*$' }),
    password: Type.String({ minLength: 1, maxLength: 1024 }),
  }),
  reply: Type.Object({ secret: Secret, expiresAt: Timestamp, user: User }),
});

export const whoAmI = endpoint({
  method: 'get',
  path: '/v1/sessions/current',
  summary: 'Show on whose behalf and in which project this credential acts',
  status: 200,
  reply: Type.Object({
    user: User,
    project: Type.Object({ id: Id, name: DnsLabel }),
    expiresAt: Type.Union([Timestamp, Type.Null()]),
  }),
});

export const signOut = endpoint({
  method: 'delete',
  path: '/v1/sessions/current',
  summary: 'End the credential that makes this request',
  status: 204,
});

export const changePassword = endpoint({
  method: 'put',
  path: '/v1/users/me/password',
  summary: 'Change your password; every other session and token of yours ends',
  status: 204,
  body: closed({
    current: Type.Optional(
      Type.String({ maxLength: 1024, description: 'not needed while you have no password' }),
    ),
    next: Type.String({ minLength: 12, maxLength: 1024, description: 'at least 12 characters' }),
  }),
});

export const Token = Type.Object({
  name: DnsLabel,
  createdAt: Timestamp,
  lastUsedAt: Type.Union([Timestamp, Type.Null()]),
  expiresAt: Type.Union([Timestamp, Type.Null()]),
});
export type Token = Static<typeof Token>;

export const createToken = endpoint({
  method: 'post',
  path: '/v1/tokens',
  summary: 'Make an API token',
  status: 201,
  body: closed({
    name: DnsLabel,
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
  }),
  reply: Type.Object({ secret: Secret, token: Token }),
});

export const listTokens = endpoint({
  method: 'get',
  path: '/v1/tokens',
  summary: 'List your API tokens, without their secrets',
  status: 200,
  reply: Type.Object({ tokens: Type.Array(Token) }),
});

export const revokeToken = endpoint({
  method: 'delete',
  path: '/v1/tokens/:token',
  summary: 'Revoke an API token, at once',
  status: 204,
  params: closed({ token: DnsLabel }),
});

/** What the gateway asks before it speaks for anybody. */
export const authenticate = endpoint({
  method: 'post',
  path: '/v1/authentications',
  summary: 'Tell the gateway who holds a token',
  status: 200,
  access: 'gateway',
  body: closed({
    secret: Type.String({ minLength: 1, maxLength: 256 }),
    project: Type.Optional(Type.String({ maxLength: 63 })),
  }),
  reply: Type.Object({
    kind: Type.Literal('user'),
    userId: Id,
    username: DnsLabel,
    role: oneOf('admin', 'user'),
    projectId: Id,
    projectName: DnsLabel,
    tokenId: Id,
    isOutsider: Type.Optional(
      Type.Boolean({ description: 'an administrator who is no member of the project' }),
    ),
  }),
});
