/** PEM as Nebula writes it (`cert/pem.go`): a banner, base64 in lines of 64, nothing else. */
import { Problem } from '@cep/contracts/problems';

/** Every banner that Nebula knows (`cert/pem.go`). */
export const banners = [
  'NEBULA CERTIFICATE',
  'NEBULA CERTIFICATE V2',
  'NEBULA X25519 PRIVATE KEY',
  'NEBULA X25519 PUBLIC KEY',
  'NEBULA P256 PRIVATE KEY',
  'NEBULA P256 PUBLIC KEY',
  'NEBULA ED25519 PRIVATE KEY',
  'NEBULA ED25519 PUBLIC KEY',
  'NEBULA ECDSA P256 PRIVATE KEY',
  'NEBULA ECDSA P256 PUBLIC KEY',
  'NEBULA ED25519 ENCRYPTED PRIVATE KEY',
  'NEBULA ECDSA P256 ENCRYPTED PRIVATE KEY',
] as const;

export type Banner = (typeof banners)[number];

export interface PemBlock {
  readonly banner: Banner;
  readonly bytes: Uint8Array;
}

/** Larger text is refused unread: room for a bundle of some thousand certificates. */
const MAX_TEXT_LENGTH = 1_000_000;

/** Writes one block, with a line end after its last line. */
export function encodePem(banner: Banner, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${banner}-----`, ...lines, `-----END ${banner}-----`, ''].join('\n');
}

/**
 * Reads all blocks of a text in their order. Between blocks only blank lines and comments (`#`)
 * may stand; lines may end in CR LF and be of any length.
 *
 * @throws {Problem} `invalid-request`, and nothing else, whatever the text; it never quotes the text
 */
export function decodePem(text: string): PemBlock[] {
  if (text.length > MAX_TEXT_LENGTH) throw notPem('it is too long');
  const blocks: PemBlock[] = [];
  let open: { banner: Banner; lines: string[] } | undefined;
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (open === undefined) {
      if (line === '' || line.startsWith('#')) continue;
      open = { banner: bannerOf(line), lines: [] };
    } else if (line === `-----END ${open.banner}-----`) {
      blocks.push({ banner: open.banner, bytes: decodeBase64(open.lines.join('')) });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  if (open !== undefined) throw notPem(`the block ${open.banner} does not end`);
  return blocks;
}

/**
 * Reads a text that holds exactly one block.
 *
 * @throws {Problem} `invalid-request`
 */
export function decodeOnePem(text: string): PemBlock {
  const [block, ...more] = decodePem(text);
  if (block === undefined || more.length > 0) throw notPem('one block is expected');
  return block;
}

function bannerOf(line: string): Banner {
  const banner = banners.find((known) => line === `-----BEGIN ${known}-----`);
  if (banner === undefined) throw notPem('a line begins no block that Nebula knows');
  return banner;
}

/** Node skips what is not base64; comparing what was read with what was given finds it. */
function decodeBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes;
  throw notPem('a block is not base64');
}

const notPem = (why: string) =>
  new Problem('invalid-request', `This is not PEM as Nebula writes it: ${why}.`);
