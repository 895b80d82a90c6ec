/** What a host signs to prove who it is. Pure but for the arithmetic of signatures. */
import { createPublicKey } from 'node:crypto';
import { HOST_TOKEN_SECONDS } from '@cep/contracts/agents';
import { checker } from '@cep/contracts/check';
import { Problem } from '@cep/contracts/problems';
import { Id, Type } from '@cep/contracts/schema';
import { compactVerify, decodeProtectedHeader } from 'jose';

/** How far the clock of a host may be from ours. */
const SKEW_SECONDS = 120;

const checkId = checker(Id, 'kid');

/** @returns the id of the host that a token says it is from; nothing when it says none */
export function claimedHost(token: string): string | undefined {
  try {
    return checkId(decodeProtectedHeader(token).kid);
  } catch {
    return undefined;
  }
}

const checkClaims = checker(
  Type.Object({
    iss: Type.Literal('host'),
    sub: Id,
    aud: Type.Literal('cep'),
    iat: Type.Integer(),
    exp: Type.Integer(),
  }),
  'claims',
);

/**
 * @param signer  the host that {@link claimedHost} named, and its key: Ed25519, raw, base64url
 * @throws {Problem} `not-signed-in`; `wrong-clock` for a token that is the host's, but not of now
 */
export async function checkToken(
  token: string,
  signer: { readonly hostId: string; readonly signingKey: string },
  now: Date,
): Promise<void> {
  const { sub, iat, exp } = await verified(token, signer.signingKey);
  const seconds = now.getTime() / 1000;
  if (sub !== signer.hostId || exp - iat > HOST_TOKEN_SECONDS || exp < iat) throw notAHost();
  if (iat > seconds + SKEW_SECONDS || exp < seconds - SKEW_SECONDS) throw wrongClock(iat, now);
}

async function verified(token: string, signingKey: string) {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: signingKey };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const { payload } = await compactVerify(token, key, { algorithms: ['EdDSA'] });
    return checkClaims(JSON.parse(new TextDecoder().decode(payload)));
  } catch (cause) {
    throw notAHost(cause);
  }
}

/** Always with the same words, so that they do not tell which hosts there are. */
export const notAHost = (cause?: unknown) =>
  new Problem(
    'not-signed-in',
    'The token is not that of an enrolled host: it was deleted, or enrolled by another machine.',
    { cause },
  );

function wrongClock(issuedAt: number, now: Date): Problem {
  const serverTime = now.toISOString();
  const seconds = Math.round(issuedAt - now.getTime() / 1000);
  const off = `${duration(Math.abs(seconds))} ${seconds > 0 ? 'ahead' : 'behind'}`;
  return new Problem(
    'wrong-clock',
    `The clock of this machine is ${off}: it is ${serverTime}. Set the clock; until then nothing new is received.`,
    { members: { serverTime } },
  );
}

function duration(seconds: number): string {
  const [unit, size] =
    seconds >= 172_800
      ? (['days', 86_400] as const)
      : seconds >= 7_200
        ? (['hours', 3_600] as const)
        : (['minutes', 60] as const);
  return `${Math.round(seconds / size)} ${unit}`;
}
