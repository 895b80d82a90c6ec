import type { ServiceUsage } from '@cep/contracts/usage';
import type Docker from 'dockerode';
import type { ContainerStats } from 'dockerode';

export type Usage = Omit<ServiceUsage, 'name'>;

/** What a container uses; the engine looks twice, a second apart. */
export async function readUsage(docker: Docker, id: string): Promise<Usage> {
  return toUsage(await docker.getContainer(id).stats({ stream: false }));
}

type Stats = Pick<
  ContainerStats,
  'cpu_stats' | 'precpu_stats' | 'memory_stats' | 'networks' | 'blkio_stats' | 'pids_stats'
>;

/** Pure. Memory is counted without what the system would give back at once, as `docker stats` does. */
export function toUsage(stats: Stats): Usage {
  const { cpu_stats: cpu, precpu_stats: before, memory_stats: memory } = stats;
  const used = (cpu.cpu_usage?.total_usage ?? 0) - (before.cpu_usage?.total_usage ?? 0);
  const passed = (cpu.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const share = passed > 0 && used > 0 ? (used / passed) * (cpu.online_cpus ?? 1) : 0;
  const cache = (memory.stats as { inactive_file?: number } | undefined)?.inactive_file ?? 0;
  const networks = Object.values(stats.networks ?? {});
  const blocks = stats.blkio_stats?.io_service_bytes_recursive ?? [];
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  const moved = (kind: string) =>
    sum(blocks.flatMap(({ op, value }) => (op.toLowerCase() === kind ? value : [])));
  return {
    cpuPercent: Math.round(share * 10_000) / 100,
    memoryBytes: Math.max(0, (memory.usage ?? 0) - cache),
    memoryLimitBytes: memory.limit ?? 0,
    processes: stats.pids_stats?.current ?? 0,
    receivedBytes: sum(networks.map(({ rx_bytes }) => rx_bytes)),
    sentBytes: sum(networks.map(({ tx_bytes }) => tx_bytes)),
    readBytes: moved('read'),
    writtenBytes: moved('write'),
  };
}
