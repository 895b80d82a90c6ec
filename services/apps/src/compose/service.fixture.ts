import { plainService } from './bare-service.ts';
import type { Service } from './model.ts';

/** A service that says nothing but its image, with what is asked for on top. */
export const bareService = (changes: Partial<Service> = {}): Service => ({
  ...plainService('web', 'nginx:1'),
  ...changes,
});
