import type { LogLine } from '@cep/contracts/logs';
import type { ObservedContainer } from '../reconciler/state.ts';
import type { Line } from './frames.ts';

/** Times are cut to milliseconds, as everywhere else. */
export const toLogLine = ({ service }: ObservedContainer, { at, stream, text }: Line): LogLine => ({
  service,
  stream,
  at: at.replace(/(\.\d{3})\d*Z$/, '$1Z'),
  text,
});
