/**
 * What nebula says when it does not take over what it was told to read. Only these words count: anybody
 * who can send a packet has other errors logged at will, and would otherwise decide what is in force.
 */

/**
 * As written since 1.6 (`pki.go`, `cert.go`, `config/config.go`, `interface.go`, `lighthouse.go`,
 * `relay_manager.go`, `overlay/tun.go`, `ssh.go`). The words follow the level at once: behind them there
 * are those of others.
 */
const REFUSAL = new RegExp(
  `^(?:time="?\\S+ )?level="?(?:error|fatal|panic)"? msg="(?:${[
    'Error occurred while reloading config',
    'Error while creating firewall during reload',
    'Could not (?:load|parse|refresh) ',
    'Failed to (?:load|parse|reload|reconfigure|refresh) ',
    '(?:IP|Networks|Curve) in new ',
    'Invalid lighthouse\\.',
    'Removing a V2 cert ',
    'Static host address ',
    'Unable to parse ',
    'v1 and v2 ',
  ].join('|')})`,
  'i',
);

/** @returns the first of these lines of nebula's by which it refused its configuration */
export const refusalAmong = (lines: readonly string[]): string | undefined =>
  lines.find((line) => REFUSAL.test(line));
