/**
 * Measures the image against the one that it stands on, and prints a table for docs/adr/0007: how
 * large it is, and how long its program takes until it is loaded, against a Node that does nothing.
 */

import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { median } from '../../lab/support/median.ts';
import { buildImage } from './image.ts';

const RUNS = 21;

interface Unpacked {
  /** Of each layer, in bytes. */
  readonly sizes: readonly number[];
  readonly entrypoint: readonly string[];
  readonly env: readonly string[];
}

async function unpack(archive: string, into: string): Promise<Unpacked> {
  await chmod(into, 0o755);
  await command('tar', ['--extract', '--file', archive, '--directory', into]);
  const [manifest] = JSON.parse(await readFile(join(into, 'manifest.json'), 'utf8'));
  const { config } = JSON.parse(await readFile(join(into, manifest.Config), 'utf8'));
  const layers: readonly string[] = manifest.Layers.map((name: string) => join(into, name));
  for (const layer of layers) {
    await command('tar', ['--extract', '--file', layer, '--directory', into]);
  }
  const sizes = await Promise.all(layers.map(async (layer) => (await stat(layer)).size));
  return { sizes, entrypoint: config.Entrypoint, env: config.Env };
}

async function timeOf(root: string, env: readonly string[], line: readonly string[]) {
  const startedAt = performance.now();
  await command('chroot', ['--userspec=65532:65532', root, '/usr/bin/env', '-i', ...env, ...line]);
  return performance.now() - startedAt;
}

function row(what: string, image: number, base: number, unit: string): string {
  const ratio = (image / base).toFixed(2);
  return `| ${what} | ${image.toFixed(0)} ${unit} | ${base.toFixed(0)} ${unit} | ${ratio} |`;
}

const { archive } = await buildImage({ env: process.env, log: (line) => console.error(line) });
const root = await mkdtemp(join(tmpdir(), 'kusk-image-'));
try {
  const { sizes, entrypoint, env } = await unpack(archive, root);
  const own: number[] = [];
  const fresh: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    own.push(await timeOf(root, env, [...entrypoint, '--help']));
    const uncompiled = [...env, 'NODE_DISABLE_COMPILE_CACHE=1'];
    fresh.push(await timeOf(root, uncompiled, [...entrypoint, '--help']));
    bare.push(await timeOf(root, env, ['node', '--eval', '']));
  }
  const [base = 0, ...added] = sizes.map((bytes) => bytes / 1e6);
  const all = added.reduce((total, size) => total + size, base);
  console.log('| | image | base | ratio |\n|---|---|---|---|');
  console.log(row('size', all, base, 'MB'));
  console.log(row('start', median(own), median(bare), 'ms'));
  console.log(row('start, were it not compiled ahead', median(fresh), median(bare), 'ms'));
} finally {
  await rm(root, { recursive: true, force: true });
}
