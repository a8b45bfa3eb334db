/**
 * Runs one of the project's scripts on a machine that has nothing but some Node >= 20 with npm.
 *
 *   node tools/bootstrap.mjs SCRIPT.ts ARGUMENTS...
 *
 * Installs the npm packages if they are missing or out of date, then runs the script with the Node
 * that is among them. Ends as the script ends. It is plain JavaScript since it has to run before that.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNodeFit, ownNode } from './bootstrap/decide.mjs';
import { installPackages } from './bootstrap/install.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function chooseNode() {
  const own = ownNode(process);
  if (own && existsSync(join(MODULES, own))) return join(MODULES, own);
  if (isNodeFit(process.versions.node)) return process.execPath;
  throw new Error(
    `Node ${process.version} is too old to run this, and npm has no newer one for ` +
      `${process.platform}-${process.arch}. Install Node 24.`,
  );
}

function run(script, args) {
  const node = chooseNode();
  const path = [dirname(node), join(MODULES, '.bin'), process.env.PATH].join(delimiter);
  const watch = join(ROOT, 'tools', 'bootstrap', 'exit-with-parent.mjs');
  const child = spawn(
    node,
    ['--disable-warning=ExperimentalWarning', '--import', watch, script, ...args],
    {
      env: { ...process.env, PATH: path },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    },
  );
  for (const signal of FORWARDED) process.on(signal, () => forward(child, signal));
  child.once('exit', endAlike);
}

/** Ctrl-C on a terminal reaches the script without us. */
function forward(child, signal) {
  if (signal === 'SIGINT' && process.stdin.isTTY) return;
  child.kill(signal);
}

function endAlike(code, signal) {
  process.exitCode = code ?? 128 + constants.signals[signal];
  if (signal === null) return;
  for (const name of FORWARDED) process.removeAllListeners(name);
  process.kill(process.pid, signal);
}

const [script, ...args] = process.argv.slice(2);
try {
  if (script === undefined)
    throw new Error('Usage: node tools/bootstrap.mjs SCRIPT.ts ARGUMENTS...');
  await installPackages(ROOT, { log: (line) => console.error(line) });
  run(script, args);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
