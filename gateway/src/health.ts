import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import { checker } from '@cep/contracts/check';
import { Health, type SystemHealth } from '@cep/contracts/health';
import type { ServiceName } from '@cep/contracts/services';
import { version } from './version.ts';

const WAIT_MS = 2_000;

const check = checker(Health, 'health');

/** Asks every service at once; one that does not answer within two seconds is degraded. */
export async function systemHealth(
  services: Readonly<Record<ServiceName, URL>>,
): Promise<SystemHealth> {
  const reports = await Promise.all(
    Object.entries(services).map(async ([name, url]) => [name, await ask(url)] as const),
  );
  const ok = reports.every(([, { status }]) => status === 'ok');
  return { status: ok ? 'ok' : 'degraded', version, services: Object.fromEntries(reports) };
}

async function ask(url: URL): Promise<Health> {
  try {
    const signal = AbortSignal.timeout(WAIT_MS);
    const report = await new Promise((resolve, reject) => {
      get(new URL('/health', url), { signal }, (res) => resolve(json(res))).on('error', reject);
    });
    return check(report);
  } catch {
    return { status: 'degraded', parts: { service: 'does not answer' } };
  }
}
