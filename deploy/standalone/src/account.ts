import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Whom a program runs as; empty: as we do. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const NAME = 'cep-postgres';

/**
 * PostgreSQL refuses to run as root. So root gets a system account that owns nothing but the
 * database, made when it is not there; anybody else is that account themselves.
 *
 * @throws {Error} a sentence for people, when the account can be neither found nor made
 */
export async function unprivilegedAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const found = await lookUp();
  if (found) return found;
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
  await promisify(execFile)('useradd', [...options, NAME]).catch((cause) => {
    const sentence = `PostgreSQL cannot run as root, and the account "${NAME}" cannot be made; make it with useradd, or start cep as another user.`;
    throw new Error(sentence, { cause });
  });
  const made = await lookUp();
  if (!made) throw new Error(`The account "${NAME}" was made but is not found.`);
  return made;
}

async function lookUp(): Promise<Account | undefined> {
  const id = (flag: string) => promisify(execFile)('id', [flag, NAME]);
  try {
    const [uid, gid] = await Promise.all([id('-u'), id('-g')]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** @throws {Error} with what the program printed, when it fails */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, account }: { cwd: string; account: Account },
): Promise<void> {
  await promisify(execFile)(program, [...args], { cwd, ...account }).catch((cause) => {
    throw new Error(`${program} failed: ${cause.stderr || cause.message}`, { cause });
  });
}
