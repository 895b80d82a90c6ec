import { type Static, Type } from './schema.ts';

/** What an app may ask for beyond what every app has. */
const FORMS = [
  'capability:[A-Z_]{2,32}',
  'device:/dev/[A-Za-z0-9_./-]{1,200}',
  'dns',
  'gpu',
  'host-gateway',
  'host-network',
  'host-path:/[^\\u0000:]{1,1000}(:ro)?',
  'host-port:[0-9]{1,5}/(tcp|udp)',
  'privileged',
  'sysctl:net[A-Za-z0-9_.-]{1,200}',
];

export const Permission = Type.String({
  pattern: `^(${FORMS.join('|')})$`,
  description:
    'capability:NAME, device:/dev/NAME, dns, gpu, host-gateway, host-network, host-path:/PATH, host-path:/PATH:ro, host-port:PORT/tcp, privileged or sysctl:net.NAME',
});

/** That an administrator allows one app so much, and why; it is kept with the app. */
export const Grant = Type.Object(
  {
    permission: Permission,
    reason: Type.String({ minLength: 3, maxLength: 500, pattern: '\\S' }),
  },
  { additionalProperties: false },
);
export type Grant = Static<typeof Grant>;
