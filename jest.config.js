const project = (displayName, testMatch) => ({
  displayName,
  testMatch,
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }],
  },
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
});

/** Unit tests need nothing; the others need the rig: `npm test`, or `pnpm rig` beside `pnpm jest`. */
export default {
  projects: [
    project('unit', ['**/src/**/!(*.service).test.ts']),
    project('service', ['**/src/**/*.service.test.ts']),
    project('e2e', ['**/tests/e2e/*.e2e.ts']),
  ],
};
