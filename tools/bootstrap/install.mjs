import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../lab/support/lock.mjs';
import { isUpToDate } from './decide.mjs';

/**
 * Development and optional packages are needed whatever the user's settings omit. Warnings are not
 * shown: they are about the Node that runs npm, and the packages are run by another.
 */
const NPM_CI = [
  'ci',
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
];

/** Runs `npm ci` in the checkout unless node_modules is what package-lock.json asks for. */
export async function installPackages(root, { log }) {
  if (isInstalled(root)) return;
  const onWait = (owner) => log(`waiting for process ${owner}, which installs npm packages`);
  await withLock(lockFile(root), { onWait }, async () => {
    if (isInstalled(root)) return;
    log('installing npm packages (npm ci)');
    await npmCi(root);
    if (!isInstalled(root)) throw new Error('npm ci has left node_modules incomplete.');
  });
}

function isInstalled(root) {
  const lock = readJson(join(root, 'package-lock.json'));
  if (!lock) throw new Error('There is no readable package-lock.json in the checkout.');
  return isUpToDate(lock, readJson(join(root, 'node_modules', '.package-lock.json')));
}

/** Outside the checkout, since npm ci deletes node_modules; one for each checkout and user. */
function lockFile(root) {
  const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join(tmpdir(), `kusk-gateway-npm-${userInfo().uid}-${id}.lock`);
}

/** npm's own output goes to stderr: stdout belongs to the script that is run. */
async function npmCi(root) {
  const child = spawn('npm', NPM_CI, { cwd: root, stdio: ['ignore', process.stderr, 'inherit'] });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error('npm is needed, and there is none on the PATH. It comes with Node.js.');
  });
  if (code !== 0) throw new Error(`npm ci failed (${code}); what it says is above.`);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
