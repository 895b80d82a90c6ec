import { expect, test } from '@jest/globals';
import { type Found, wayOf } from './way.ts';

const owner = { network: 'home', host: 'laptop' };
const plain: Found = {
  ...{ text: 'nameserver 192.0.2.53\n', link: undefined, resolved: false, ownNetwork: true },
};
const stub = { text: 'nameserver 127.0.0.53\n', link: '../run/systemd/resolve/stub-resolv.conf' };

test.each<[string, Partial<Found>, string | null]>([
  ['a plain file is changed', {}, 'resolv.conf'],
  [
    'systemd-resolved is told where the machine asks it',
    { ...stub, resolved: true },
    'systemd-resolved',
  ],
  ['also where the file only names it', { text: stub.text, resolved: true }, 'systemd-resolved'],
  ['one that runs and is not asked is none', { resolved: true }, 'resolv.conf'],
  ['what systemd-resolved left is a link like any other', stub, null],
  ['a link is kept by others', { link: '/run/resolvconf/resolv.conf' }, null],
  ['there is no file', { text: undefined }, null],
  ['another namespace than the machine’s', { ownNetwork: false }, null],
])('%s', (_what, found, by) => {
  expect(wayOf({ ...plain, ...found }, owner)).toMatchObject({ by });
});
