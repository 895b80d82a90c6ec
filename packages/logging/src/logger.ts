import winston from 'winston';

export interface Logger {
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

interface Destination {
  /** Goes on in a new file after 10 MB and keeps three. Absent: stdout. */
  readonly file?: string;
}

/** JSON lines, each with `service`; an Error in any field keeps its message and stack. */
export const createLogger = (service: string, { file }: Destination = {}): Logger =>
  winston.createLogger({
    level: 'info',
    defaultMeta: { service },
    format: winston.format.combine(
      winston.format.timestamp(),
      winston.format.json({ replacer: showErrors }),
    ),
    transports: [
      file === undefined
        ? new winston.transports.Console()
        : new winston.transports.File({
            filename: file,
            maxsize: 10_000_000,
            maxFiles: 3,
            tailable: true,
          }),
    ],
  });

/** An Error's own members are not enumerable: without this, JSON shows it as `{}`. */
function showErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return Object.assign({ name, message, stack, cause }, value);
}
