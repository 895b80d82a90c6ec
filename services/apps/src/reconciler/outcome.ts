import type { Reason } from '@cep/contracts/apps';

/** What came of one pass over an app. */
export type Outcome =
  /** Nothing more to do now; `lookAgainIn` milliseconds time alone may have changed something. */
  | { readonly is: 'settled'; readonly lookAgainIn?: number }
  /** Nothing of the app is left. */
  | { readonly is: 'gone' }
  /** It could not be done, and may be tried again later. */
  | { readonly is: 'failed'; readonly code: Reason['code'] };
