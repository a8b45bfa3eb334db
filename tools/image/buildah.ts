import { join } from 'node:path';
import { type CommandOptions, command } from '../../lab/support/command.ts';
import type { Needed } from '../../lab/support/needed.ts';

/** What is needed to build an image without a daemon. */
export const NEEDED: Needed = { buildah: 'buildah', runc: 'runc', unshare: 'util-linux' };

/** Runs buildah on its own store of images. Resolves with what it wrote to stdout. */
export type Buildah = (args: readonly string[], options?: CommandOptions) => Promise<string>;

/**
 * Returns a buildah whose images are in a folder.
 *
 * It runs among mounts of its own, since it leaves some of them behind.
 */
export function buildahIn(folder: string, defaults: CommandOptions = {}): Buildah {
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run')];
  const inside = ['--mount', '--', 'buildah', ...store, '--storage-driver', 'overlay'];
  return (args, options = {}) =>
    command('unshare', [...inside, ...args], { ...defaults, ...options });
}

/** Whether there is an image of that name. */
export async function hasImage(buildah: Buildah, name: string): Promise<boolean> {
  return buildah(['inspect', '--type', 'image', '--format', '{{.FromImageID}}', name]).then(
    () => true,
    () => false,
  );
}
