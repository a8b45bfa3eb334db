import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../support/command.ts';

/**
 * What a kubelet sets for the whole machine at its start, unless it finds it so.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ (protectKernelDefaults)
 */
const WANTED = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

/** Sets what a kubelet needs, in our mounts only, so that the machine's settings stay. */
export async function pretendTunables(folder: string): Promise<void> {
  const pretended = join(folder, 'tunables');
  await mkdir(pretended);
  for (const [name, value] of Object.entries(WANTED)) {
    const file = join(pretended, name.replaceAll('/', '.'));
    await writeFile(file, `${value}\n`);
    await command('mount', ['--bind', file, `/proc/sys/${name}`]);
  }
}
