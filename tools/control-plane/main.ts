/**
 * Runs a control plane until it is interrupted, or until its standard input closes if that is a pipe.
 *
 * Prints one line of JSON once it is ready. Arguments: `--audit`, and those after `--` are the API
 * server's.
 */

import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startControlPlane } from './start.ts';

const { values, positionals } = parseArgs({
  options: { audit: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => ended.abort(signal));
}
const keepAlive = setInterval(() => {}, 60_000);

/** A terminal and /dev/null are no reason to end, a pipe that somebody held and lost is one. */
function endWithStdin() {
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  process.stdin.once('end', () => ended.abort()).resume();
}

try {
  endWithStdin();
  await using controlPlane = await startControlPlane({
    signal: ended.signal,
    log: (line) => console.error(line),
    audit: values.audit,
    apiserverArgs: positionals,
  });
  const { adminKubeconfig, operatorKubeconfig, server, auditLog } = controlPlane;
  console.log(
    JSON.stringify({ kubeconfig: adminKubeconfig, operatorKubeconfig, server, auditLog }),
  );
  await new Promise<void>((resolve) => {
    if (ended.signal.aborted) resolve();
    ended.signal.addEventListener('abort', () => resolve(), { once: true });
  });
} catch (error) {
  if (!ended.signal.aborted) throw error;
} finally {
  clearInterval(keepAlive);
  process.stdin.destroy();
}
