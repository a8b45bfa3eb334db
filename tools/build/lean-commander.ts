import type { Plugin } from 'esbuild';

/**
 * What commander imports of Node and never uses here: for subcommands that are programs of their own,
 * and for help with colours. To load it took a fifth of the start.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'node:child_process': 'export default undefined;',
  'node:fs': 'export default undefined;',
  'node:path': 'export default undefined;',
  'node:process': 'export default globalThis.process;',
  'node:util': 'export const stripVTControlCharacters = (text) => text;',
};

/** Leaves out of commander what it never uses here. */
export const leanCommander: Plugin = {
  name: 'lean commander',
  setup(builder) {
    builder.onResolve({ filter: /^node:/ }, ({ path, importer }) =>
      /\/node_modules\/commander\//.test(importer) && path in STAND_INS
        ? { path, namespace: 'stand-in' }
        : undefined,
    );
    builder.onLoad({ filter: /./, namespace: 'stand-in' }, ({ path }) => ({
      contents: STAND_INS[path] ?? '',
    }));
  },
};
