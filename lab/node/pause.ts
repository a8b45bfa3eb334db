import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureGo } from '../control-plane/ensure-go.ts';
import { command } from '../support/command.ts';
import { PAUSE_IMAGE } from './containerd.ts';

const FOLDER = join(import.meta.dirname, 'pause');
/** It has no go.mod: any Go of the last years can build it. */
const MODULE = { folder: FOLDER, goVersion: '1.20' };

export interface PauseOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Creates the image that holds a pod's namespaces, in a folder as `docker save` writes it. Returns its path. */
export async function makePauseImage(
  folder: string,
  { env, log, signal }: PauseOptions,
): Promise<string> {
  const withGo = await ensureGo(MODULE, { env, log, signal, wanted: ['the pause image'] });
  const root = join(folder, 'pause');
  await mkdir(root);
  const go = { ...withGo, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GO111MODULE: 'off' };
  const target = ['-o', join(root, 'pause'), join(FOLDER, 'main.go')];
  await command('go', ['build', '-ldflags=-s -w', ...target], { env: go, signal });
  await pack(root, 'layer.tar', ['pause']);
  const layer = createHash('sha256')
    .update(await readFile(join(root, 'layer.tar')))
    .digest('hex');
  await writeFile(join(root, 'config.json'), JSON.stringify(imageConfig(layer)));
  const manifest = { Config: 'config.json', RepoTags: [PAUSE_IMAGE], Layers: ['layer.tar'] };
  await writeFile(join(root, 'manifest.json'), JSON.stringify([manifest]));
  return pack(root, 'pause-image.tar', ['manifest.json', 'config.json', 'layer.tar']);
}

async function pack(root: string, name: string, files: readonly string[]): Promise<string> {
  const archive = join(root, name);
  await command('tar', ['--create', '--file', archive, '--directory', root, ...files]);
  return archive;
}

function imageConfig(layer: string) {
  return {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  };
}
