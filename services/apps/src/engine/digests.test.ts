import { describe, expect, test } from '@jest/globals';
import { digestOf, referenceOf } from './digests.ts';

const ID = 'sha256:0000';

describe('the name of an image', () => {
  test.each([
    ['redis:8', ['redis@sha256:1'], 'redis@sha256:1'],
    ['docker.io/library/redis:8', ['redis@sha256:1'], 'redis@sha256:1'],
    [
      'here:5000/a/redis:8',
      ['redis@sha256:1', 'here:5000/a/redis@sha256:2'],
      'here:5000/a/redis@sha256:2',
    ],
    ['here:5000/redis', ['here:5000/redis@sha256:2'], 'here:5000/redis@sha256:2'],
    ['redis@sha256:1', ['redis@sha256:1'], 'redis@sha256:1'],
    ['renamed:1', ['redis@sha256:1'], 'redis@sha256:1'],
    ['made-here:1', [], ID],
    ['made-here:1', null, ID],
  ])('%s stands for what the engine knows of it', (image, RepoDigests, reference) => {
    expect(referenceOf(image, { Id: ID, RepoDigests })).toBe(reference);
  });

  test('has a digest only where a registry gave it one', () => {
    expect(digestOf('redis@sha256:1')).toBe('sha256:1');
    expect(digestOf(ID)).toBeUndefined();
  });
});
