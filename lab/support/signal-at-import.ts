/** Preloaded: sends this process a SIGTERM when it begins to load its first library. */

import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'pino') process.kill(process.pid, 'SIGTERM');
    return next(specifier, context);
  },
});
