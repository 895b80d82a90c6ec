/**
 * Answers for the names of a network on this machine, as long as the agent runs, and lets the
 * machine's resolver know. What goes wrong is said and tried again: the network itself needs none of it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Bundle } from '@cep/contracts/bundle';
import { networkZone, unpackNames } from '@cep/dns/network-names';
import { buildZones } from '@cep/dns/zone';
import type { HostFolder } from '../host-folder.ts';
import { ifindexOf } from '../interface.ts';
import { deviceOf } from '../nebula-settings.ts';
import { pause } from '../pause.ts';
import { findResolver, putServer, revertDns, splitDns, takeServer } from './machine-resolver.ts';
import {
  forgetNamesState,
  type NamesState,
  wantsResolver,
  writeNamesState,
} from './names-state.ts';
import { answerAt, answerLocally } from './responder.ts';
import { wayOf } from './way.ts';

/** The interface comes and goes with nebula, and others write the resolver's file. */
const LOOK_MS = 1_000;
/** Until nebula has made the interface. */
const FIRST_LOOK_MS = 100;
/** After the resolver was not to be told. */
const LOOK_AGAIN_MS = 30_000;

type Zones = ReturnType<typeof buildZones>;
type Responder = Awaited<ReturnType<typeof answerLocally>>;

interface Keeper {
  readonly folder: HostFolder;
  readonly log: (line: string) => void;
  bundle: Bundle;
  zones: Zones | undefined;
  /** On the network, for whoever is let in; locally, for this machine. */
  own?: Responder | undefined;
  local?: Responder | undefined;
  /** The interface that systemd-resolved was told of. */
  told?: number | undefined;
  state?: NamesState;
}

export interface Names {
  /** Answers what this bundle says, from the next question on. */
  use(bundle: Bundle): void;
  /** Resolves after the stop, when the machine's resolver is as it was. */
  readonly ended: Promise<void>;
}

export function keepNames(
  { folder, log }: Pick<Keeper, 'folder' | 'log'>,
  bundle: Bundle,
  stop: AbortSignal,
): Names {
  const keeper: Keeper = { folder, log, bundle, zones: zonesOf(bundle, log) };
  return {
    use(next) {
      if (next.names === keeper.bundle.names) return;
      keeper.bundle = next;
      keeper.zones = zonesOf(next, log) ?? keeper.zones;
      if (!keeper.zones) return;
      keeper.own?.replace(keeper.zones);
      keeper.local?.replace(keeper.zones);
    },
    ended: keep(keeper, stop),
  };
}

/** Nothing where an older control plane says no names, and where they are not to be understood. */
function zonesOf(bundle: Bundle, log: Keeper['log']): Zones | undefined {
  const { network, names } = bundle;
  if (names === undefined) return undefined;
  try {
    return buildZones([networkZone(domainOf(bundle), unpackNames(names))]);
  } catch (error) {
    log(`the names of ${network.name} are not answered: ${(error as Error).message}`);
    return undefined;
  }
}

async function keep(keeper: Keeper, stop: AbortSignal): Promise<void> {
  try {
    while (!stop.aborted) {
      const { zones, bundle } = keeper;
      if (zones && bundle.host.interface)
        note(keeper, await look(keeper, zones).catch(explain(keeper)));
      const isRefused = keeper.state !== undefined && keeper.state.hint !== null;
      await pause(isRefused ? LOOK_AGAIN_MS : keeper.own ? LOOK_MS : FIRST_LOOK_MS, stop);
    }
  } finally {
    await end(keeper);
  }
}

async function look(keeper: Keeper, zones: Zones): Promise<NamesState> {
  const { folder, bundle, log } = keeper;
  keeper.own ??= await answerAt(addressesOf(bundle), zones, log);
  if (!keeper.own || !wantsResolver(folder)) return { ...at(keeper), resolver: null, hint: null };
  const way = wayOf(findResolver(), folder);
  switch (way.by) {
    case 'systemd-resolved':
      if (!(await tellResolved(keeper))) return { ...at(keeper), resolver: null, hint: null };
      break;
    case 'resolv.conf':
      keeper.local ??= await answerLocally(zones, log);
      putServer(folder, keeper.local.hosts[0] ?? '');
      break;
    case null:
      return { ...at(keeper), resolver: null, hint: adviceOf(keeper, way.because) };
  }
  return { ...at(keeper), resolver: way.by, hint: null };
}

/**
 * Anew for each interface: what it was told goes with the interface.
 *
 * @returns whether there is one
 */
async function tellResolved(keeper: Keeper): Promise<boolean> {
  const { bundle } = keeper;
  const device = deviceOf(bundle.network.name);
  const index = ifindexOf(device);
  if (index === undefined) return false;
  if (index !== keeper.told)
    await splitDns({ device, network: domainOf(bundle), addresses: addressesOf(bundle) });
  keeper.told = index;
  return true;
}

const explain =
  (keeper: Keeper) =>
  ({ code = '', message }: NodeJS.ErrnoException): NamesState => ({
    ...at(keeper),
    resolver: null,
    hint: adviceOf(keeper, reasons[code] ?? message),
  });

const notReplaced = '/etc/resolv.conf cannot be replaced here, as in a container';
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program answers DNS on port 53 of this machine',
  ...{ EBUSY: notReplaced, EROFS: notReplaced, EPERM: notReplaced, EACCES: notReplaced },
};

function adviceOf({ own, bundle }: Keeper, because: string): string {
  const [address = ''] = addressesOf(bundle);
  const { name } = bundle.network;
  const what = `This machine does not find names such as ${bundle.host.name}.${name}: ${because}.`;
  return own ? `${what} Let its resolver ask ${address} about "${name}".` : what;
}

const at = ({ own, local }: Keeper) => ({
  answersAt: [...(own?.hosts ?? []), ...(local?.hosts ?? [])],
});

function note(keeper: Keeper, state: NamesState): void {
  if (isDeepStrictEqual(state, keeper.state)) return;
  if (state.hint !== null && state.hint !== keeper.state?.hint) keeper.log(state.hint);
  keeper.state = state;
  writeNamesState(keeper.folder, state);
}

async function end({ folder, bundle, own, local, told }: Keeper): Promise<void> {
  if (told !== undefined) await revertDns({ device: deviceOf(bundle.network.name) });
  leaveResolver(folder);
  await Promise.all([own?.stop(), local?.stop()]);
  forgetNamesState(folder);
}

/** Takes out what an agent of this host put in, also one that was killed. */
export function leaveResolver(folder: HostFolder): void {
  try {
    takeServer(folder);
  } catch {
    // Not replaceable now, so it was not then.
  }
}

const domainOf = ({ network: { name, cidr }, version2 }: Bundle) => ({
  name,
  ranges: version2 ? [cidr, version2.network.cidr] : [cidr],
});

const addressesOf = ({ host }: Bundle): string[] => [host.address.split('/')[0] ?? ''];
