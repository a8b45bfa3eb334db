/**
 * `npm run release -- VERSION --dry-run`: builds what a release holds into `dist/release/`, the same bytes
 * each time. Without `--dry-run` it says how the release is made: by a tag, in a workflow.
 *
 * `--source URL` is written into images, charts and notes. `--registry ghcr.io/OWNER` is where charts and `kusk`
 * say that the images are. `--write-key KEY` is what `kusk` sends with by default, and `--operator-write-key KEY`
 * what the operator's image does; without its key, a program sends nothing until it is given one. What can't be
 * built on this machine is left out and named at the end; images need root on a Debian. `npm run release --
 * VERSION --verify` checks what was built: checksums, and that charts name the images beside them.
 */

import { mkdir, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../lab/support/root.ts';
import { parseRegistry, REGISTRY } from './image/registry.ts';
import { assertReleasable } from './release/assert-releasable.ts';
import { buildExecutables, buildRelease, commitTime } from './release/build.ts';
import { foreignNode } from './release/foreign-node.ts';
import { buildImages } from './release/images.ts';
import { buildable, runsPrograms } from './release/processors.ts';
import { verifyRelease } from './release/verify.ts';

const USAGE =
  'Usage: npm run release -- VERSION --dry-run | --verify [--into FOLDER] [--source URL] [--registry NAME] [--write-key KEY] [--operator-write-key KEY]';

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => interrupted.abort());
}
const log = (line: string) => console.error(line);

interface ReleaseOptions {
  readonly version: string;
  readonly into: string;
  readonly source: string;
  readonly registry: string;
  readonly writeKey: string;
  readonly operatorWriteKey: string | undefined;
}

/** Builds all that this machine can build. Returns a sentence for each thing that it can't. Rejects if it is no Linux. */
async function build(options: ReleaseOptions): Promise<readonly string[]> {
  if (process.platform !== 'linux') throw new Error('A release is built on Linux.');
  const { into } = options;
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  const { arch } = process;
  const found = await buildable({ arch, fetchNode: foreignNode, runs: runsPrograms });
  await buildExecutables({ ...options, foreign: found.foreign });
  if (process.getuid?.() !== 0) {
    await buildRelease(options);
    return [...found.leftOut, 'images: they are built as root'];
  }
  const { signal } = interrupted;
  const machine = { env: process.env, log, signal, nodes: found.nodes };
  const time = await commitTime();
  const images = await buildImages({ ...options, time, ...machine });
  await buildRelease({ ...options, images });
  return found.leftOut;
}

async function release(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      'dry-run': { type: 'boolean', default: false },
      verify: { type: 'boolean', default: false },
      into: { type: 'string', default: join(ROOT, 'dist/release') },
      source: { type: 'string', default: '' },
      registry: { type: 'string', default: REGISTRY },
      'write-key': { type: 'string', default: '' },
      'operator-write-key': { type: 'string' },
    },
    allowPositionals: true,
  });
  const [version, ...more] = positionals;
  if (version === undefined || more.length > 0) throw new Error(USAGE);
  const into = resolve(values.into);
  const operatorWriteKey = values['operator-write-key'];
  if (!values.verify) {
    await assertReleasable(version, { root: ROOT });
    if (!values['dry-run']) {
      throw new Error(
        `A release is made by its tag: git tag v${version} && git push origin v${version}\n` +
          'With --dry-run, what it holds is built here.',
      );
    }
    const leftOut = await build({
      version,
      into,
      source: values.source,
      registry: parseRegistry(values.registry),
      writeKey: values['write-key'],
      operatorWriteKey,
    });
    for (const what of leftOut) log(`left out: ${what}`);
  }
  await verifyRelease({ version, folder: into, operatorWriteKey });
  console.log(`${values.verify ? 'verified' : 'built'} ${relative(ROOT, into) || '.'}`);
}

try {
  await release();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
