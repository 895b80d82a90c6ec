/**
 * Bundles the CLI into dist/: one module to begin with and one per command, so that a command loads
 * only what it uses, and from few files. `oclif.manifest.json` spares it reading the other commands.
 */
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = `${root}dist`;

/** oclif is CommonJS, and asks for Node's own modules in its way. */
const REQUIRE = [
  "import { createRequire } from 'node:module';",
  'const require = createRequire(import.meta.url);',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('');

/**
 * Two of Node's own modules by `require`: an `import` reads each of their exports, and so loads all
 * of fetch with `node:http` and WebCrypto with `node:crypto`.
 */
const lazyBuiltins = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(http|crypto)$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { external: true } : { path, namespace: 'builtin' },
    );
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

rmSync(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: [
    ...['src/start.ts', 'src/main.ts', 'src/manifest.ts', 'src/agent/main.ts'],
    ...globSync('src/commands/**/*.ts', { cwd: root }),
  ],
  outdir: dist,
  outbase: 'src',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  conditions: ['source'],
  // Its ES modules: those of CommonJS lose their names when a command imports them late.
  alias: { yaml: `${root}node_modules/yaml/browser/index.js` },
  // Parts of ssh2 that it does without: they are programs of one kind of machine.
  external: ['cpu-features', '*.node'],
  chunkNames: 'chunks/[name]-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [lazyBuiltins],
  banner: { js: REQUIRE },
  logLevel: 'warning',
});
writeFileSync(`${dist}/package.json`, '{ "type": "module" }\n');
const { makeManifest } = await import(`${dist}/manifest.js`);
writeFileSync(`${dist}/oclif.manifest.json`, JSON.stringify(await makeManifest(dist)));
