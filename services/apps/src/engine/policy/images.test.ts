import { describe, expect, test } from '@jest/globals';
import { good, scope } from '../payload.fixture.ts';
import { judgeContainer } from '../policy.ts';

describe('where registries are named, an image is of one of them', () => {
  const registries = ['docker.io/library', 'registry.example:5000/team/'];
  const judged = (Image: string) =>
    judgeContainer({ ...good.container, Image }, { ...scope, registries })?.rule;

  test.each([
    'redis:7',
    'docker.io/library/redis:7',
    'registry.example:5000/team/shop/web:1',
    `redis@sha256:${'a'.repeat(64)}`,
    `sha256:${'a'.repeat(64)}`,
  ])('%s may run', (image) => expect(judged(image)).toBeUndefined());

  test.each([
    'someone/redis:7',
    'docker.io/someone/redis',
    'docker.io/library.evil/redis',
    'registry.example:5000/teams/shop',
    'registry.example/team/shop',
    'localhost/redis',
    'LIBRARY/redis',
    'evil.example/docker.io/library/redis',
  ])('%s may not', (image) => expect(judged(image)).toBe('registry'));
});
