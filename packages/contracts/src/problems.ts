/**
 * Every way a request can fail, once. A code is part of the public contract: the API sends it as
 * an RFC 9457 problem type, the CLI turns it into an exit code, tests match on it. Add codes; never
 * change what one means.
 */
export const problems = {
  'invalid-request': { status: 400, title: 'The request does not match its contract' },
  'not-signed-in': { status: 401, title: 'Sign in first' },
  'wrong-clock': { status: 401, title: 'The clock of this machine is wrong' },
  'wrong-credentials': { status: 401, title: 'The username or the password is wrong' },
  forbidden: { status: 403, title: 'You may not do this' },
  'permission-needed': {
    status: 403,
    title: 'An administrator has to grant what the app asks for',
  },
  'enrolment-refused': { status: 403, title: 'The enrolment code is wrong, used or expired' },
  'host-revoked': { status: 403, title: 'The host was revoked or deleted' },
  'not-found': { status: 404, title: 'There is no such thing here' },
  'name-taken': { status: 409, title: 'Another one has this name' },
  'range-overlaps': { status: 409, title: 'The range overlaps that of another network' },
  'address-taken': { status: 409, title: 'The address is not free' },
  'network-full': { status: 409, title: 'The network has no free address' },
  'network-in-use': { status: 409, title: 'The network still has hosts or apps' },
  'lighthouse-needed': { status: 409, title: 'The network needs a lighthouse' },
  'connected-elsewhere': { status: 409, title: 'Another agent has connected as this host' },
  'not-connected': { status: 409, title: 'The machine that runs the apps is not on this network' },
  'too-many-records': { status: 409, title: 'The network has no room for more records' },
  'port-taken': { status: 409, title: 'The port is in use' },
  'volume-in-use': { status: 409, title: 'An app uses the volume' },
  'volume-fixed': { status: 409, title: 'A volume stays in its pool' },
  'pool-overlaps': { status: 409, title: 'A pool is not in another pool' },
  'pool-in-use': { status: 409, title: 'The pool has volumes' },
  'pool-unusable': { status: 422, title: 'The folder cannot be a pool' },
  'no-backup-target': { status: 409, title: 'There is no place for backups' },
  'target-in-use': { status: 409, title: 'The target still has backups' },
  'target-unusable': { status: 422, title: 'The place for backups cannot be used' },
  'backup-unusable': { status: 409, title: 'The backup cannot be restored here' },
  'engine-fixed': { status: 409, title: 'An app stays on its engine' },
  'engine-known': { status: 409, title: 'This Docker is an engine already' },
  'engine-in-use': { status: 409, title: 'The engine has apps or their data' },
  'engine-unusable': { status: 422, title: 'The engine cannot be reached or trusted' },
  'app-busy': { status: 409, title: 'The app is being changed' },
  'template-disabled': { status: 409, title: 'An administrator has disabled the template' },
  'nothing-to-do': { status: 409, title: 'There is nothing of the kind to do' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'payload-too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'Requests are JSON' },
  'wrong-public-address': {
    status: 422,
    title: 'The public address cannot be that of such a host',
  },
  'unfit-for-nebula': { status: 422, title: 'A version of nebula would break with this' },
  'wrong-curve': { status: 409, title: 'The key is of another curve than the network' },
  'app-refused': { status: 422, title: 'The app asks for what no app may have' },
  'store-unusable': { status: 422, title: 'The app store cannot be read or trusted' },
  'policy-test-failed': { status: 422, title: 'A test of the policy fails' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something failed on our side' },
  unavailable: { status: 503, title: 'A part of cep is not reachable right now' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

const TYPE_PREFIX = 'urn:cep:problem:';

interface ProblemOptions extends ErrorOptions {
  /** Extra members for machines, e.g. `{ limit: 5 }`. Callers see them: no secrets. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** An expected failure. Whatever else is thrown is a defect, and reaches callers as `internal`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly members: Readonly<Record<string, unknown>>;

  /** @param detail  one sentence for the caller about this occurrence; it may quote what they sent */
  constructor(code: ProblemCode, detail: string, { members = {}, cause }: ProblemOptions = {}) {
    super(detail, { cause });
    this.code = code;
    this.members = members;
  }

  /** Hides what was thrown unless it was a Problem; the original stays as `cause`, for the log. */
  static from(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown;
    return new Problem('internal', 'Try again. If it persists, report the request id.', {
      cause: thrown,
    });
  }

  /** Reads what {@link toJSON} wrote. A code that this version does not know becomes `internal`. */
  static parse({ type, title, status, detail, ...members }: ProblemDocument): Problem {
    const code = type.slice(TYPE_PREFIX.length);
    const known = Object.hasOwn(problems, code) ? (code as ProblemCode) : 'internal';
    return new Problem(known, detail, { members });
  }

  toJSON(): ProblemDocument {
    const type = TYPE_PREFIX + this.code;
    return { ...this.members, ...problems[this.code], type, detail: this.message };
  }
}

/** The body of an `application/problem+json` response. */
export interface ProblemDocument extends Record<string, unknown> {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}
