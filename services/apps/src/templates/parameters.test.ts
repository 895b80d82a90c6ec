import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assertParameters } from './parameter-checks.ts';
import type { TemplateParameter } from './parameter-schema.ts';
import { resolveParameters } from './parameters.ts';
import { checkXCep } from './x-cep.ts';

const random = randomBytes;

function parameter(more: object): TemplateParameter {
  const [first] = checkXCep({
    schemaVersion: 1,
    id: 'x',
    name: 'X',
    version: '1',
    revision: 1,
    summary: 'x',
    categories: ['x'],
    parameters: [{ name: 'A', type: 'string', label: 'A', ...more }],
  }).parameters;
  return first as TemplateParameter;
}

const resolve = (more: object, given: Record<string, string>) =>
  resolveParameters({ parameters: [parameter(more)] }, given, { random }).values;

describe('a parameter', () => {
  test.each([
    ['string', ['x', '', 'ü $x'], ['a\nb', 'a\0b']],
    ['text', ['a\nb', ''], ['a\0b']],
    ['password', ['x', ''], ['a\nb']],
    ['secret', ['a\nb'], ['a\0b']],
    ['integer', ['0', '-5', '12'], ['', '1.5', '1e3', 'x', '99999999999999999']],
    ['number', ['0', '-1.5'], ['', '.5', '1e3', 'NaN', '0x10']],
    ['boolean', ['true', 'false'], ['', 'yes', 'True', '1']],
    ['port', ['1', '65535'], ['', '0', '65536', '080', '80/udp', '-1']],
    ['size', ['1g', '512'], ['', '1x', '0']],
    ['duration', ['1h30m', '0'], ['', '5', '-1s']],
    ['url', ['https://a.example/x?y'], ['', 'a.example', 'javascript:alert(1)', 'http://']],
    [
      'hostname',
      ['a.example', 'localhost'],
      ['', '-a', 'a..b', 'a_b', 'a b', `${'a'.repeat(64)}.b`],
    ],
    ['email', ['a@b.example'], ['', 'a', 'a@', '@b', 'a b@c']],
    ['timezone', ['Europe/Rome', 'UTC'], ['', 'Mars/Base']],
    ['file', ['a\nb\n', ''], ['a\0b', 'half a \ud800']],
  ])('of type %s takes %j and refuses %j', (type, good, bad) => {
    for (const value of good) expect(resolve({ type }, { A: value })).toEqual({ A: value });
    for (const value of bad) {
      expect(() => resolve({ type }, { A: value })).toThrow(
        expect.objectContaining({
          code: 'invalid-request',
          message: expect.stringMatching(/^Parameter A must /),
        }),
      );
    }
  });

  test.each([
    [{ type: 'integer', min: 2, max: 4 }, ['2', '4'], ['1', '5']],
    [{ type: 'number', max: 0.5 }, ['0.5'], ['0.6']],
    [{ type: 'size', min: 1024 }, ['1k'], ['1023']],
    [{ type: 'duration', max: 60 }, ['1m'], ['61s']],
    [{ minLength: 2, maxLength: 3 }, ['ab', 'abc'], ['a', 'abcd', '']],
    [{ pattern: '^[a-z]+$' }, ['abc'], ['', 'A1']],
    [{ type: 'select', options: [{ value: 'a' }, { value: 'b' }] }, ['a', 'b'], ['c', '']],
  ])('with %j takes %j and refuses %j', (more, good, bad) => {
    for (const value of good) expect(resolve(more, { A: value })).toEqual({ A: value });
    for (const value of bad) expect(() => resolve(more, { A: value })).toThrow('Parameter A');
  });

  test('says what its author wants said', () => {
    const more = { pattern: '^a$', patternError: 'must be the letter a' };

    expect(() => resolve(more, { A: 'b' })).toThrow('Parameter A must be the letter a.');
  });

  test('never quotes a secret that it refuses', () => {
    const more = { type: 'password', minLength: 20 };

    expect(() => resolve(more, { A: 'hunter2' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  test('that is required must have a value', () => {
    expect(() => resolve({ required: true }, {})).toThrow('Parameter A (A) is required.');
    expect(() => resolve({ required: true }, { A: '' })).toThrow('is required');
    expect(resolve({ required: true, default: 'x' }, {})).toEqual({ A: 'x' });
  });

  test('that is optional and not given has no value', () => {
    expect(resolve({}, {})).toEqual({});
  });

  test('that nobody declared is refused, and the declared ones are listed', () => {
    expect(() => resolve({}, { a: 'x' })).toThrow('no parameter "a". It has A.');
    expect(() => resolve({}, { constructor: 'x' })).toThrow('no parameter "constructor"');
    expect(() => resolveParameters({ parameters: [] }, { B: '' }, { random })).toThrow('none');
  });

  test('is secret when it is a password, a secret, or marked so', () => {
    const parameters = [
      parameter({ name: 'P', type: 'password' }),
      parameter({ name: 'S', type: 'secret' }),
      parameter({ name: 'M', sensitive: true }),
      parameter({ name: 'N' }),
    ];

    const { secrets } = resolveParameters({ parameters }, {}, { random });

    expect([...secrets]).toEqual(['P', 'S', 'M']);
  });
});

describe('a default', () => {
  const named = (name: string, text?: string, more: object = {}) => ({
    ...parameter(more),
    name,
    ...(text !== undefined && { default: text }),
  });
  const values = (parameters: TemplateParameter[], given: Record<string, string> = {}) =>
    resolveParameters({ parameters }, given, {
      random,
      builtin: (name) => (name === 'CEP_APP_NAME' ? 'shop' : undefined),
    }).values;

  test('may have other parameters and what is built in, in whatever order they stand', () => {
    const parameters = [
      named('MAIL', '${USER:-nobody}@${HOST}', { type: 'email' }),
      named('USER'),
      named('HOST', '${CEP_APP_NAME}.example'),
      named('PRICE', '5$$'),
    ];

    expect(values(parameters)).toEqual({
      ...{ MAIL: 'nobody@shop.example', HOST: 'shop.example', PRICE: '5$' },
    });
    expect(values(parameters, { USER: 'a', HOST: '$USER' }).MAIL).toBe('a@$USER');
    expect(() => values(parameters, { USER: 'a b' })).toThrow('Parameter MAIL must be an e-mail');
  });

  test('in a circle is found, however long, and nothing else is', () => {
    const graph = fc.array(fc.array(fc.nat({ max: 7 }), { maxLength: 2 }), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(graph, (edges) => {
        const parameters = edges.map((to, from) =>
          named(`P${from}`, to.map((each) => `\${P${each}}`).join('')),
        );
        const isCircular = (from: number, above: readonly number[]): boolean =>
          above.includes(from) ||
          (edges[from] ?? []).some((to) => isCircular(to, [...above, from]));
        const check = () => assertParameters(parameters);
        if (edges.some((_, from) => isCircular(from, []))) expect(check).toThrow('in a circle: P');
        else {
          expect(check).not.toThrow();
          expect(Object.keys(values(parameters))).toHaveLength(8);
        }
      }),
    );
  });

  test('cannot make much of little', () => {
    const doubled = (index: number) => named(`P${index}`, `\${P${index - 1}}`.repeat(2));
    const parameters = [named('P0', 'x'), ...Array.from({ length: 40 }, (_, n) => doubled(n + 1))];

    expect(() => values(parameters)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    const often = [named('BIG', 'x'.repeat(60_000)), named('ALL', '$BIG'.repeat(16_000))];
    expect(() => values(often)).toThrow(
      'Parameter ALL: The variables of this file make it too large.',
    );
  });

  test('does not let a secret out, nor a file into the environment', () => {
    const refusal =
      (...parameters: TemplateParameter[]) =>
      () =>
        assertParameters(parameters);
    const secret = named('S', undefined, { type: 'secret' });

    expect(refusal(secret, named('A', 'x$S'))).toThrow(
      'A has the secret S in it: mark it sensitive',
    );
    expect(refusal(secret, named('A', 'x$S', { sensitive: true }))).not.toThrow();
    expect(refusal(named('F', undefined, { type: 'file' }), named('A', '$F'))).toThrow(
      'A has F in it',
    );
    expect(refusal(named('F', undefined, { type: 'file', target: 'env' }))).toThrow('F is a file');
  });
});

describe('a pair of keys', () => {
  const key = (kind: string) => parameter({ type: 'secret', generate: { kind } });

  test.each(['rsa', 'ed25519', 'vapid'])('of %s has a public half that can be seen', (kind) => {
    const { values, secrets } = resolveParameters({ parameters: [key(kind)] }, {}, { random });

    expect(Object.keys(values)).toEqual(['A', 'A_PUBLIC']);
    expect([...secrets]).toEqual(['A']);
    const again = resolveParameters({ parameters: [key(kind)] }, { A: values.A ?? '' }, { random });
    expect(again.values).toEqual(values);
  });

  test('cannot be given by its public half, or be something else', () => {
    expect(() =>
      resolveParameters({ parameters: [key('rsa')] }, { A_PUBLIC: 'x' }, { random }),
    ).toThrow('no parameter "A_PUBLIC"');
    expect(() => resolveParameters({ parameters: [key('rsa')] }, { A: 'x' }, { random })).toThrow(
      'Parameter A must be an RSA private key in PEM.',
    );
    const shown = parameter({ generate: { kind: 'rsa' } });
    expect(() => assertParameters([shown])).toThrow('its type must be secret');
    const twice = { ...parameter({}), name: 'A_PUBLIC' };
    expect(() => assertParameters([key('rsa'), twice])).toThrow('has A_PUBLIC twice');
    const many = ['A', 'B', 'C'].map((name) => ({ ...key('rsa'), name }));
    expect(() => assertParameters(many)).toThrow('more than 2 RSA keys');
  });
});

describe('a generated value', () => {
  test.each([
    [{ kind: 'hex' }, /^[0-9a-f]{48}$/],
    [{ kind: 'hex', bytes: 8 }, /^[0-9a-f]{16}$/],
    [{ kind: 'base64url' }, /^[\w-]{32}$/],
    [{ kind: 'alnum' }, /^[0-9A-Za-z]{33}$/],
    [{ kind: 'uuid' }, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    [{ kind: 'passphrase' }, /^([bdfghjklmnprstvz][aiou]){3}(-([bdfghjklmnprstvz][aiou]){3}){3}$/],
  ])('of %j looks like %p and is never twice the same', (generate, shape) => {
    const values = Array.from({ length: 50 }, () => resolve({ generate }, {}).A);

    for (const value of values) expect(value).toMatch(shape);
    expect(new Set(values).size).toBe(50);
  });

  test('loses none of the randomness that it is made of', () => {
    const seeds = Array.from({ length: 256 }, (_, n) => Buffer.alloc(8, 0).fill(n, 7));
    for (const kind of ['hex', 'base64url', 'alnum', 'passphrase']) {
      const made = seeds.map(
        (seed) =>
          resolveParameters(
            { parameters: [parameter({ generate: { kind, bytes: 8 } })] },
            {},
            {
              random: () => seed,
            },
          ).values.A,
      );
      expect(new Set(made).size).toBe(256);
    }
  });

  test('gives way to what a person gives, but not to nothing', () => {
    const generate = { kind: 'hex' };

    expect(resolve({ generate }, { A: 'mine' })).toEqual({ A: 'mine' });
    expect(resolve({ generate }, { A: '' }).A).toMatch(/^[0-9a-f]{48}$/);
  });

  test('comes from the random source that is handed in, and from nothing else', () => {
    const fixed = (bytes: number) => createHash('shake256', { outputLength: bytes }).digest();
    const parameters = [parameter({ generate: { kind: 'alnum' } })];
    const once = resolveParameters({ parameters }, {}, { random: fixed });

    expect(resolveParameters({ parameters }, {}, { random: fixed })).toEqual(once);
  });
});
