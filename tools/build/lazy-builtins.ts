import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/** Modules of Node that take long to load, and of which our own code uses functions only. */
const LOADED_BY_CALLS: readonly string[] = ['node:crypto', 'node:timers/promises'];

/**
 * Reads from Node's own modules only what is used.
 *
 * `import { existsSync } from 'node:fs'` reads every member of the module, and so loads `fs.promises` and
 * streams with it: a tenth of the start of a program. Of `node:http` it loads Node's own `fetch` and
 * `WebSocket`, which take longer than all else of a command. What takes long to load, our own code loads when
 * it first calls it.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy builtins',
  setup(builder) {
    // Some packages leave the prefix out.
    builder.onResolve({ filter: /^[a-z_:/]+$/ }, ({ path, kind, importer }) => {
      if (kind !== 'import-statement' || !isBuiltin(path)) return undefined;
      const isOurs = !importer.includes('/node_modules/');
      const namespace = isOurs && LOADED_BY_CALLS.includes(path) ? 'by calls' : 'by members';
      return { path, namespace, sideEffects: false };
    });
    builder.onLoad({ filter: /./, namespace: 'by members' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
    builder.onLoad({ filter: /./, namespace: 'by calls' }, ({ path }) => ({
      contents: functionsOf(path)
        .map((name) => `export const ${name} = (...args) => ${member(path, name)}(...args);`)
        .join('\n'),
    }));
  },
};

function member(path: string, name: string): string {
  return `process.getBuiltinModule(${JSON.stringify(path)}).${name}`;
}

function functionsOf(path: string): readonly string[] {
  const members = Object.entries(process.getBuiltinModule(path) ?? {});
  return members.filter(([, value]) => typeof value === 'function').map(([name]) => name);
}
