/** What `npm start` tells people. */

interface Started {
  readonly url: URL;
  /** SHA-256 of the server's certificate, for people to compare. */
  readonly fingerprint: string;
  /** Whether this start made the administrator and signed the CLI in. */
  readonly first: boolean;
  readonly logFile: string;
  /** How people type the CLI here, e.g. `./cep`. */
  readonly command: string;
}

const firstSteps = (cep: string, sudo = process.getuid?.() === 0 ? '' : 'sudo ') => `
You are signed in on this machine as "admin". Next, in another terminal:

  ${cep} network create home
  ${cep} host create home server --am-lighthouse --public-ip ADDRESS
  ${sudo}${cep} host connect home server --detach
  ${cep} apps deploy redis --network home

ADDRESS is where your other machines reach this one: "hostname -I" lists its addresses.

"${cep} doctor" says what is missing, "${cep} --help" what there is.
`;

/** @returns several lines */
export const greeting = ({ url, fingerprint, first, logFile, command }: Started): string => `
cep runs at ${url.origin}
Certificate: ${fingerprint}
Logs: ${logFile}. Stop with Ctrl-C; everything is kept.
${first ? firstSteps(command) : ''}`;
