/** The programs under measurement, in one process; their settings come as a message. */
import { startGateway } from '@cep/gateway/service';
import { inProcess } from '@cep/messaging/in-process';
import { startNetwork } from '@cep/network/service';

export interface Settings {
  readonly network: Parameters<typeof startNetwork>[0];
  /** NETWORK_URL apart, which follows. */
  readonly gateway: Parameters<typeof startGateway>[0];
}

export interface Started {
  /** Where they are reached. */
  readonly network: string;
  readonly gateway: string;
  readonly certificate: string;
}

const say = (message: string, fields?: object) =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const log = { info() {}, warn: say, error: say };

async function start(settings: Settings): Promise<void> {
  const network = await startNetwork(settings.network, { transport: inProcess(log), log });
  const NETWORK_URL = network.url.href;
  const { url, certificate } = await startGateway({ ...settings.gateway, NETWORK_URL }, { log });
  const started: Started = { network: NETWORK_URL, gateway: url.href, certificate };
  process.send?.(started);
}

process.once('message', (settings: Settings) => void start(settings));
process.once('disconnect', () => process.exit());
