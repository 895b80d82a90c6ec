const rule = (name, from, to) => ({ name, severity: 'error', from, to });

/** Each rule's name is the sentence that a violation prints. */
module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }),
    rule('only-what-package-json-names', {}, { couldNotResolve: true }),
    rule(
      'contracts-know-nothing-of-ours',
      { path: '^packages/contracts/' },
      { path: '^(packages|services|gateway|cli)/', pathNot: '^packages/contracts/' },
    ),
    rule('packages-know-no-program', { path: '^packages/' }, { path: '^(services|gateway|cli)/' }),
    rule(
      'services-do-not-import-each-other',
      { path: '^services/([^/]+)/' },
      { path: '^services/', pathNot: '^services/$1/' },
    ),
    rule(
      'cli-and-gateway-speak-http-only',
      { path: '^(cli|gateway)/' },
      { path: '^packages/(database|messaging)/' },
    ),
    rule(
      'only-apps-touches-docker',
      { pathNot: '^(services/apps|packages/testing|bench)/' },
      { path: '/dockerode/' },
    ),
    rule(
      'sql-lives-in-stores',
      { path: '^services/', pathNot: '(store|subscriptions|\\.test)\\.ts$' },
      { path: '^packages/database/src/sql\\.ts$' },
    ),
    rule(
      'programs-do-not-import-tests',
      { pathNot: '\\.(test|fixture|e2e)\\.ts$|^(packages/testing|tests|bench)/' },
      { path: '\\.(test|fixture)\\.ts$|^packages/testing/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
