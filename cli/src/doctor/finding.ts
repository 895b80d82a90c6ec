/** What was looked at, and what to do about it when it is not as it should be. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'missing';
  readonly detail: string;
  /** How to get it. */
  readonly next: string | null;
}

export const ok = (name: string, detail: string): Finding => ({
  name,
  state: 'ok',
  detail,
  next: null,
});

export const missing = (name: string, detail: string, next: string): Finding => ({
  name,
  state: 'missing',
  detail,
  next,
});
