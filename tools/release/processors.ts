import { command } from '../../lab/support/command.ts';
import type { ForeignNode } from '../cli/executable.ts';
import type { BaseNode } from '../image/base.ts';
import { ownNode } from '../image/image.ts';
import { type foreignNode, PROCESSORS } from './foreign-node.ts';

/** What can be built on this machine, by processor. */
export interface Buildable {
  /** The Nodes of executables for other processors than this machine's. */
  readonly foreign: readonly ForeignNode[];
  /** The Nodes of images. */
  readonly nodes: readonly BaseNode[];
  /** A sentence for whatever can't be built, with its reason. */
  readonly leftOut: readonly string[];
}

export interface BuildableOptions {
  /** As in `process.arch`. */
  readonly arch: string;
  /** Resolves with the file of another processor's Node. Rejects if it can't be had. */
  readonly fetchNode: typeof foreignNode;
  /** Whether this machine runs the programs of a platform, which is named as in `arm64`. */
  readonly runs: (platform: string) => Promise<boolean>;
}

/** Finds out what can be built on this machine. */
export async function buildable({ arch, fetchNode, runs }: BuildableOptions): Promise<Buildable> {
  const found = { foreign: [] as ForeignNode[], nodes: [ownNode()], leftOut: [] as string[] };
  for (const processor of PROCESSORS) {
    if (processor.arch === arch) continue;
    const { platform } = processor;
    try {
      const file = await fetchNode(processor);
      found.foreign.push({ arch: processor.arch, file });
      if (await runs(platform)) found.nodes.push({ arch: platform, file });
      else found.leftOut.push(`${platform} images: ${noEmulator(platform)}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      found.leftOut.push(`everything for ${platform}: there is no Node: ${reason}`);
    }
  }
  return found;
}

function noEmulator(platform: string): string {
  return (
    `this machine does not run programs for ${platform}. On Debian: ` +
    'apt-get install qemu-user-static binfmt-support arch-test'
  );
}

/** Whether this machine runs the programs of a platform, itself or by an emulator. */
export async function runsPrograms(platform: string): Promise<boolean> {
  return command('arch-test', [platform]).then(
    () => true,
    () => false,
  );
}
