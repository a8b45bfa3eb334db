import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CONTROL_PLANE } from '../control-plane/boot.ts';
import { ensure } from '../control-plane/ensure.ts';
import { runKubectl } from '../control-plane/kubectl.ts';
import type { Assignment, Ready } from './assignment.ts';
import { freeLink, type Link } from './link.ts';
import { NEEDED } from './needed.ts';
import { obstacle } from './obstacle.ts';
import { makePauseImage } from './pause.ts';
import type { WholeNode } from './whole-node.ts';

const SANDBOX = join(import.meta.dirname, 'sandbox.sh');
const MACHINE = join(import.meta.dirname, 'machine.ts');

const NAMESPACES = ['--net', '--mount', '--pid'];

export type { WholeNode } from './whole-node.ts';

export interface NodeOptions {
  /** Archives of the images that pods are made from. Nothing can be pulled. */
  readonly images: readonly string[];
  /** Is told of what is built or installed, and how far it is. */
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a whole node, having built and installed what it needs. Only root can.
 *
 * No process, mount, network, group or file of it outlives `close()`, an abort of `signal`, or the
 * death of the calling process, however that dies.
 */
export async function startNode({ images, log, signal }: NodeOptions): Promise<WholeNode> {
  const options = { env: process.env, log, signal };
  const problem = await obstacle(NEEDED, options);
  if (problem !== undefined) throw new Error(problem);
  const wanted = [...CONTROL_PLANE, 'kube-scheduler', 'kube-proxy', 'kubelet'] as const;
  const programs = await ensure(wanted, options);
  signal?.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'kusk-node-'));
  try {
    const pause = await makePauseImage(folder, options);
    const link = freeLink();
    const { name: cgroup, inner: address } = link;
    const assignment = { programs, address, cgroup, images: [pause, ...images] };
    return await settle(sandbox(folder, link, assignment), { folder, link, programs, signal });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A session of its own: a Ctrl-C is ours to pass on. It ends when its standard input does. */
function sandbox(
  folder: string,
  { name, outer, inner }: Link,
  assignment: Assignment,
): ChildProcess {
  const machine = [process.execPath, MACHINE, JSON.stringify(assignment)];
  const args = ['--net', '--mount', '--', 'sh', SANDBOX, folder, name, outer, inner, ...machine];
  return spawn('unshare', args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
}

interface Settling {
  readonly folder: string;
  readonly link: Link;
  readonly programs: Assignment['programs'];
  readonly signal: AbortSignal | undefined;
}

async function settle(
  child: ChildProcess,
  { folder, link, programs, signal }: Settling,
): Promise<WholeNode> {
  const ended = once(child, 'exit');
  async function close() {
    child.ref();
    child.stdin?.end();
    await ended;
  }

  signal?.addEventListener('abort', () => void close(), { once: true });
  const { kubeconfig, server, ...ready } = await firstWords(child).catch(async (error) => {
    await close();
    throw signal?.aborted ? signal.reason : error;
  });
  forgettable(child);
  const pid = await machineOf(child);
  const cacheFolder = join(folder, 'kubectl');
  await mkdir(cacheFolder);
  return {
    kubeconfig,
    server,
    address: link.inner,
    name: link.name,
    folder: ready.folder,
    pid,
    kubectl: (args, call = {}) =>
      runKubectl(args, { file: programs.kubectl, kubeconfig, cacheFolder, ...call }),
    inside: (file, args) => ['nsenter', `--target=${pid}`, ...NAMESPACES, '--', file, ...args],
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Rejects with why it failed, or with what it last wrote to stderr if it does not say. */
async function firstWords(child: ChildProcess): Promise<Ready> {
  const complaints: string[] = [];
  if (child.stdout === null || child.stderr === null) throw new Error('There are no pipes.');
  createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
  for await (const line of createInterface({ input: child.stdout })) {
    const words: Ready | { readonly failure: string } = JSON.parse(line);
    if ('failure' in words) throw new Error(words.failure);
    return words;
  }
  throw new Error(`The node ended immediately:\n${complaints.slice(-20).join('\n')}`);
}

/** The machine's first process: the sandbox's shell runs unshare, which has forked it. */
async function machineOf({ pid }: ChildProcess): Promise<number> {
  const unshare = await onlyChildOf(pid ?? 0);
  return onlyChildOf(unshare);
}

async function onlyChildOf(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
}

/** What has been forgotten keeps no process alive. */
function forgettable(child: ChildProcess): void {
  child.unref();
  for (const pipe of child.stdio) if (pipe instanceof Socket) pipe.unref();
}
