/** `npm run setup`: what the command `cep` needs, on a machine that runs no server of its own. */
import { ensureDependencies } from './dependencies.js';
import { linkCommand } from './link.js';

ensureDependencies();
console.log(`Ready. Try: ${linkCommand()} --help`);
