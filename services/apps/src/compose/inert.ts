/** What may be written and has no meaning here, each with the reason: nothing is ignored in silence. */
import type { ComposeService } from './schema.ts';

/** @returns a sentence for each such key of a service */
export function inertOf(path: string, { deploy }: ComposeService): string[] {
  const { placement, restart_policy: restart, update_config: update, mode } = deploy ?? {};
  const said = (keys: object | undefined, names: readonly string[]) =>
    names.filter((name) => keys !== undefined && name in keys);
  return [
    ...(placement?.constraints?.length
      ? [`${path}/deploy/placement has no effect: an app runs on one engine.`]
      : []),
    ...(mode === 'global' ? [`${path}/deploy/mode has no effect: an app runs on one engine.`] : []),
    ...said(restart, ['delay', 'window']).map(
      (name) =>
        `${path}/deploy/restart_policy/${name} has no effect: Docker itself chooses when to try again.`,
    ),
    ...said(update, ['parallelism', 'delay', 'monitor', 'failure_action', 'max_failure_ratio']).map(
      (name) =>
        `${path}/deploy/update_config/${name} has no effect: one container is replaced, and one that fails gives way to the one before.`,
    ),
  ];
}
