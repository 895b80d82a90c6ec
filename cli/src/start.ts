/** Where the program begins, so that what it loads comes compiled from the cache beside it. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, 'cache'));
await import('./main.ts');
