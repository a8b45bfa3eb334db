import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * What stands in for a module whose other parts no program here ever calls. A named import of
 * anything that is not in it fails the build.
 */
interface Lean {
  /** The module's path within node_modules. */
  readonly path: string;
  readonly contents: string;
}

const LEAN: readonly Lean[] = [
  {
    path: 'undici/index.js',
    // Without WebSocket, EventSource, caches and mocks; `fetch` is loaded when it is first called.
    contents: `
      import Dispatcher from './lib/dispatcher/dispatcher.js';
      import api from './lib/api/index.js';
      Object.assign(Dispatcher.prototype, api);
      export { default as Agent } from './lib/dispatcher/agent.js';
      export { default as EnvHttpProxyAgent } from './lib/dispatcher/env-http-proxy-agent.js';
      export { default as Pool } from './lib/dispatcher/pool.js';
      export { default as ProxyAgent } from './lib/dispatcher/proxy-agent.js';
      export const fetch = (input, init) => require('./lib/web/fetch/index.js').fetch(input, init);
    `,
  },
  {
    path: 'undici/lib/dispatcher/client-h2.js',
    contents: `
      module.exports = () => { throw new Error('HTTP/2 is left out of this bundle'); };
    `,
  },
  {
    path: '@kubernetes/client-node/dist/index.js',
    contents: `export { KubeConfig } from './config.js';`,
  },
  {
    path: '@kubernetes/client-node/dist/gen/index.js',
    // A client for each of Kubernetes' APIs, which only KubeConfig.makeApiClient would make.
    contents: `
      export const createConfiguration = () => { throw new Error('left out of this bundle'); };
      export class ServerConfiguration {}
    `,
  },
];

/**
 * Leaves out of a bundle what would be read, compiled and kept in memory for nothing.
 *
 * docs/performance.md has what that saves.
 */
export const lean: Plugin = {
  name: 'lean',
  setup(build) {
    for (const { path, contents } of LEAN) {
      const filter = new RegExp(`/node_modules/${path.replaceAll('.', '\\.')}$`);
      build.onLoad({ filter }, (file) => ({ contents, resolveDir: dirname(file.path) }));
    }
  },
};
