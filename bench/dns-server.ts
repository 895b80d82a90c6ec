/** Our DNS as a process of its own, with as many hosts as its argument says; it tells its parent the port. */
import { startDns } from '@cep/dns/server';
import { buildZones } from '@cep/dns/zone';

const records = Array.from({ length: Number(process.argv[2]) }, (_, index) => {
  const value = `10.42.${index >> 8}.${index & 255}`;
  return { name: `host-${index}`, type: 'A', value } as const;
});
const { addresses } = await startDns({
  zones: buildZones([{ domain: 'home', records, ranges: ['10.42.0.0/16'] }]),
  addresses: [{ host: '127.0.0.1', port: 0 }],
  log: { info() {}, warn() {}, error() {} },
});
process.on('disconnect', () => process.exit());
process.send?.(addresses[0]?.port);
