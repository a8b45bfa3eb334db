import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import type { WholeNode } from '../../lab/node/start.ts';

const NAMESPACES = ['net', 'mnt', 'pid'];

/** Asks, later, what is left of a node on this machine: an empty list if nothing is. */
export function remainsOf({ pid, name, folder }: Pick<WholeNode, 'pid' | 'name' | 'folder'>) {
  const namespaces = namespacesOf(String(pid));
  const home = dirname(folder);
  return (): readonly string[] => [
    ...processesIn(namespaces).map((id) => `process ${id}`),
    ...mountsWith([home, name]).map((line) => `mount ${line}`),
    ...groupsNamed(name).map((path) => `cgroup ${path}`),
    ...(name in networkInterfaces() ? [`interface ${name}`] : []),
    ...(existsSync(home) ? [`folder ${home}`] : []),
  ];
}

function namespacesOf(pid: string): readonly string[] {
  try {
    return NAMESPACES.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    return [];
  }
}

function processesIn(namespaces: readonly string[]): readonly string[] {
  const processes = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return processes.filter((id) => namespacesOf(id).some((found) => namespaces.includes(found)));
}

function mountsWith(texts: readonly string[]): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return mounts.filter((line) => texts.some((text) => line.includes(text)));
}

function groupsNamed(name: string): readonly string[] {
  const roots = ['/sys/fs/cgroup', ...readdirSync('/sys/fs/cgroup').map(below)];
  return roots.map((root) => `${root}/${name}`).filter((path) => existsSync(path));
}

function below(entry: string): string {
  return `/sys/fs/cgroup/${entry}`;
}
