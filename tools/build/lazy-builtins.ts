import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/** Modules of Node that take long to load, and of which our own code uses functions only. */
const LOADED_BY_CALLS: readonly string[] = ['node:timers/promises'];
const KINDS: readonly string[] = ['import-statement', 'require-call'];

/**
 * Reads from Node's own modules only what is used.
 *
 * `import { existsSync } from 'node:fs'` reads every member of the module, and so loads `fs.promises` and
 * streams with it: a tenth of the start of a program. Of `node:http` it loads Node's own `fetch` and
 * `WebSocket`, which take longer than all else of a command. What takes long to load, our own code loads when
 * it first calls it.
 *
 * Packages get the module itself, and read a member when they use it. After that a bundle needs no
 * `require`, which a module would have to create.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy builtins',
  setup(builder) {
    // Some packages leave the prefix out.
    builder.onResolve({ filter: /^[a-z_:/]+$/ }, ({ path, kind, importer }) => {
      if (!KINDS.includes(kind) || !isBuiltin(path)) return undefined;
      const isOurs = !importer.includes('/node_modules/');
      return { path, namespace: isOurs ? 'for us' : 'for packages', sideEffects: false };
    });
    builder.onLoad({ filter: /./, namespace: 'for us' }, ({ path }) => ({
      contents: LOADED_BY_CALLS.includes(path) ? functionsOf(path) : membersOf(path),
    }));
    builder.onLoad({ filter: /./, namespace: 'for packages' }, ({ path }) => ({
      contents: `module.exports = ${moduleAt(path)};`,
    }));
  },
};

function moduleAt(path: string): string {
  return `process.getBuiltinModule(${JSON.stringify(path)})`;
}

/** Functions of the same names, which load the module when they are called. */
function functionsOf(path: string): string {
  const functions = namesIn(path, (value) => typeof value === 'function');
  return functions
    .map((name) => `export const ${name} = (...args) => ${moduleAt(path)}.${name}(...args);`)
    .join('\n');
}

/** All members, marked so that a bundle leaves out what is not used. */
function membersOf(path: string): string {
  const members = namesIn(path, () => true);
  return [
    `const all = /* @__PURE__ */ ${moduleAt(path)};`,
    ...members.map((name) => `export const ${name} = /* @__PURE__ */ (() => all.${name})();`),
  ].join('\n');
}

function namesIn(path: string, isWanted: (value: unknown) => boolean): readonly string[] {
  const members = Object.entries(process.getBuiltinModule(path) ?? {});
  return members
    .filter(([name, value]) => name !== 'default' && isWanted(value))
    .map(([name]) => name);
}
