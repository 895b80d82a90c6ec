/** What oclif is told of the program; the commands are found by their paths. */
import type { Interfaces } from '@oclif/core';

export const program = {
  name: '@cep/cli',
  version: '0.1.0',
  type: 'module',
  description: 'a private cloud for people who are not network engineers',
  oclif: {
    bin: 'cep',
    dirname: 'cep',
    topicSeparator: ' ',
    commands: { strategy: 'pattern', target: './commands' },
    topics: {
      dns: { description: 'names on networks' },
      network: { description: 'overlay networks, each with its own certificate authority' },
      'network:policy': { description: 'who may reach whom on a network' },
      host: { description: 'machines on a network' },
      apps: { description: 'apps, deployed from the store' },
      'apps:store': { description: 'what can be deployed' },
      'apps:template': { description: 'single templates of stores, to add and to hide' },
      backup: { description: 'backups of apps, and where they go' },
      'backup:target': { description: 'places for backups' },
      engine: { description: 'the Docker of this machine and of others, which apps run on' },
      storage: { description: 'the data of apps' },
      'storage:pool': { description: 'where volumes are kept' },
      'storage:volume': { description: 'what apps have stored' },
      token: { description: 'API tokens, for programs' },
      user: { description: 'you, as a user' },
    },
  },
} satisfies Interfaces.PJSON & { readonly type: 'module' };
