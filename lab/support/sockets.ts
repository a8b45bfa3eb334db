import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

const PRELOAD = fileURLToPath(new URL('record-sockets.ts', import.meta.url));

export interface WatchSocketsOptions {
  /** Where the records are kept. Each process that is watched needs a folder of its own. */
  readonly folder: string;
  /** `host:port` to which the process may speak. */
  readonly allowed: string;
}

/** Watches whom a process speaks to, from inside it and, where strace is installed, from outside. */
export interface SocketWatch {
  /** To be added to what starts the process. */
  readonly start: {
    readonly wrap: readonly string[];
    readonly nodeArgs: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
  /**
   * Once the process has ended: everything by which it spoke to somebody who is not allowed, and
   * how often it spoke to the one who is.
   */
  readonly result: () => Promise<{ readonly strays: readonly string[]; readonly allowed: number }>;
}

export function watchSockets({ folder, allowed }: WatchSocketsOptions): SocketWatch {
  const inside = join(folder, 'sockets.jsonl');
  const outside = join(folder, 'strace.txt');
  const strace = ['strace', '-D', '-f', '-qq', '-e', 'trace=network,process', '-o', outside];
  return {
    start: {
      wrap: hasStrace() ? strace : [],
      nodeArgs: ['--import', PRELOAD],
      env: { SOCKETS_FILE: inside },
    },
    async result() {
      const seen = seenInside(existsSync(inside) ? readFileSync(inside, 'utf8') : '', allowed);
      const traced = hasStrace() ? seenOutside(await ended(outside), allowed) : [];
      return { ...seen, strays: [...seen.strays, ...traced] };
    },
  };
}

let found: boolean | undefined;

/** Whether strace is there and may trace. */
export function hasStrace(): boolean {
  found ??= spawnSync('strace', ['-f', '-e', 'trace=network', 'true']).status === 0;
  return found;
}

function seenInside(text: string, allowed: string) {
  const lines = text.split('\n').filter((line) => line !== '');
  const records = lines.map((line) => JSON.parse(line) as { native?: string; connect?: string });
  const connects = records.flatMap(({ connect }) => connect ?? []);
  const natives = records.flatMap(({ native }) => native ?? []);
  const strays = [
    ...connects.filter((address) => address !== allowed),
    ...natives.filter((type) => type !== 'TCPCONNECTWRAP'),
  ];
  // A connection that came about in any other way than through a socket's `connect`.
  const unexplained = natives.length - strays.length - connects.length;
  if (unexplained > 0) strays.push(`${unexplained} more connections`);
  return { strays, allowed: connects.filter((address) => address === allowed).length };
}

/** The whole trace: the tracer outlives what it traces by a moment. */
function ended(file: string): Promise<string> {
  return eventually(() => {
    const text = readFileSync(file, 'utf8');
    if (!/exit_group\(|\+\+\+/.test(text)) throw new Error('the trace is not complete');
    return text;
  });
}

/** Streams over TCP to the one who is allowed are no strays, nor are listening and pairs of sockets. */
function seenOutside(text: string, allowed: string): readonly string[] {
  const [host, port] = allowed.split(':');
  const toAllowed = `sin_port=htons(${port}), sin_addr=inet_addr("${host}")`;
  const calls = text.split('\n').filter((line) => /\b(socket|connect|execve)\(/.test(line));
  return calls.slice(1).filter((line) => {
    if (line.includes('socket(')) return !/AF_INET6?, SOCK_STREAM/.test(line);
    return !line.includes(toAllowed);
  });
}
