/** What people are most likely to find behind a port, as the scheme of its address. */
const SCHEMES: Readonly<Record<number, string>> = {
  22: 'ssh',
  80: 'http',
  443: 'https',
  1883: 'mqtt',
  3000: 'http',
  3306: 'mysql',
  5432: 'postgresql',
  5672: 'amqp',
  6379: 'redis',
  8000: 'http',
  8080: 'http',
  27017: 'mongodb',
};

/** @returns nothing for a port that says nothing */
export const schemeOf = (port: number): string | undefined => SCHEMES[port];
