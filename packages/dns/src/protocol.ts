/** Numbers of the DNS protocol, by the names that RFC 1035, 6891 and IANA give them. */

export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

export const CLASS_IN = 1;

export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

export type Rcode = (typeof RCODE)[keyof typeof RCODE];

/** Bytes of a message before its question. */
export const HEADER = 12;

/** What UDP carries without EDNS (RFC 1035, 4.2.1). */
export const PLAIN_UDP = 512;

/** What we send and take by UDP with EDNS: fragments nowhere (the DNS flag day of 2020). */
export const EDNS_UDP = 1232;

/** Bytes of a name on the wire, its root included. */
export const LONGEST_NAME = 255;
