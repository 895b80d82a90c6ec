import { expect, test } from '@jest/globals';
import { readQuestion } from './policy-question.ts';

test.each([
  ['laptop', 'nas:443', 'tcp', 'host:laptop host:nas tcp:443'],
  ['host:laptop', 'host:nas:53', 'udp', 'host:laptop host:nas udp:53'],
  ['group:family', 'group:servers:1', 'tcp', 'group:family group:servers tcp:1'],
  ['laptop', 'nas', 'icmp', 'host:laptop host:nas icmp'],
] as const)('%s %s --protocol %s asks for %s', (from, to, protocol, asked) => {
  expect(Object.values(readQuestion({ from, to, protocol })).join(' ')).toBe(asked);
});

test.each([
  ['nas', 'tcp', 'Give the port, as in nas:443, or --protocol icmp.'],
  ['nas:443', 'icmp', 'ICMP has no ports: write nas alone.'],
] as const)('%s --protocol %s says: %s', (to, protocol, sentence) => {
  expect(() => readQuestion({ from: 'laptop', to, protocol })).toThrow(sentence);
});
