import type { HostCaller } from './host-caller.ts';

/** On whose behalf a request is made. The gateway establishes it; services trust only the gateway. */
export type Caller = UserCaller | HostCaller | AnonymousCaller | GatewayCaller;

/** A signed-in person, or a token of theirs, acting in one project. */
export interface UserCaller {
  readonly kind: 'user';
  readonly userId: string;
  readonly username: string;
  readonly role: 'admin' | 'user';
  /** What the caller sees and changes belongs to this project. */
  readonly projectId: string;
  readonly projectName: string;
  /** The credential that was used, so that it can end itself. */
  readonly tokenId: string;
  /**
   * Set for an administrator who has named a project that they are no member of: there they may ask
   * what is declared to be `supervised`, and nothing else.
   */
  readonly isOutsider?: boolean;
}

/** Somebody without a credential, as the few endpoints with `access: 'anyone'` allow. */
export interface AnonymousCaller {
  readonly kind: 'anonymous';
  /** Where the connection came from: the socket's address, never a header. */
  readonly address: string;
}

/** The gateway speaking for itself, e.g. to ask accounts whose token it was shown. */
export interface GatewayCaller {
  readonly kind: 'gateway';
}
