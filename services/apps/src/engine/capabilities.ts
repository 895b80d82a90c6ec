/** Docker's own default set: what any app may have for the asking. */
export const GRANTED_TO_ALL: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** What few programs miss, and apps have only when they ask. */
const UNUSUAL: ReadonlySet<string> = new Set(['AUDIT_WRITE', 'MKNOD', 'NET_RAW']);

export const DEFAULT_CAPABILITIES: readonly string[] = [...GRANTED_TO_ALL].filter(
  (name) => !UNUSUAL.has(name),
);
