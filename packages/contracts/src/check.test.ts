import { describe, expect, test } from '@jest/globals';
import { checker } from './check.ts';
import { closed, DnsLabel, Type } from './schema.ts';

const Pet = closed({
  name: DnsLabel,
  age: Type.Integer({ default: 1 }),
  kind: Type.Optional(Type.Enum(['cat', 'dog'])),
});

describe('checker', () => {
  test.each([
    [{ nmae: 'tom' }, 'body has no member "nmae"; did you mean "name".'],
    [{ name: 'tom', legs: 4 }, 'body has no member "legs".'],
    [{}, "body must have required property 'name'."],
    [
      { name: 'tom', kind: 'cow' },
      'body/kind must be equal to one of the allowed values: cat, dog.',
    ],
    [
      { name: 'Tom' },
      expect.stringMatching(/^body\/name is not valid: lower-case letters, digits/),
    ],
    [null, 'body must be object.'],
  ])('refuses %j and says why', (value, message) => {
    expect(() => checker(Pet, 'body')(value)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message }),
    );
  });

  test('fills in defaults, and reads text as numbers only where the wire is text', () => {
    expect(checker(Pet, 'body')({ name: 'tom' })).toEqual({ name: 'tom', age: 1 });
    expect(checker(Pet, 'query', 'text')({ name: 'tom', age: '4' })).toMatchObject({ age: 4 });
    expect(() => checker(Pet, 'body')({ name: 'tom', age: '4' })).toThrow('/age');
  });
});
