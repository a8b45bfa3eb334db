import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { LIFE_MS } from '../../src/cli/commands/send.ts';
import type { CountedCommand } from '../../src/record/machine-events.ts';
import { bundledKusk } from './installed-kusk.ts';

/** A command that is counted and needs no cluster. */
export const COMMAND: CountedCommand = 'cluster install';
export const ARGS: readonly string[] = ['cluster', 'install', '--export', '--analytics', 'on'];

export type Variables = Readonly<Record<string, string | undefined>>;

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** How long it ran, in milliseconds. */
  readonly ms: number;
}

export interface RunOptions {
  readonly args?: readonly string[];
  /** Added to the environment. */
  readonly env?: Variables;
  /** What starts the program: `strace` with its arguments. */
  readonly wrap?: readonly string[];
  /** Arguments of Node. */
  readonly nodeArgs?: readonly string[];
}

/** Returns `kusk` as its npm package holds it, and a function that removes what was built for it. */
export async function buildKusk({ writeKey = '' }: { readonly writeKey?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-built-'));
  const program = await bundledKusk({ into: folder, writeKey });
  return { program, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface MachineOptions {
  readonly program: string;
  /** Whether the program runs by itself. Otherwise Node runs it. */
  readonly isExecutable?: boolean;
  readonly endpoint: string;
  readonly env?: Variables;
}

/** Within this time a sender ends on a busy machine too, in milliseconds. */
const GONE_MS = 30_000;
/** How often `kusk` runs again if its senders reach their time limit. */
const MAX_RERUNS = 3;

/** A machine of one user, with an empty home folder, on which `kusk` runs. */
export function startMachine(
  t: TestContext,
  { program, isExecutable = false, endpoint, env: more = {} }: MachineOptions,
) {
  const home = mkdtempSync(join(tmpdir(), 'kusk-home-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, '.local/state/kusk');
  const variables: Variables = {
    HOME: home,
    PATH: process.env.PATH,
    ANALYTICS_ENDPOINT: endpoint,
    ANALYTICS_WRITE_KEY: 'a-write-key',
    ...more,
  };

  /** When the last run was started. Its sender has had no more time than since then. */
  let startedAt = 0;

  function start({ args = ARGS, env = {}, wrap = [], nodeArgs = [] }: RunOptions = {}) {
    const line = isExecutable ? [program] : [process.execPath, ...nodeArgs, program];
    const [file = '', ...rest] = [...wrap, ...line, ...args];
    startedAt = performance.now();
    // Node would hand on its own, and the program would write a file.
    const uncovered = { NODE_V8_COVERAGE: undefined };
    const child = spawn(file, rest, {
      env: { ...defined({ ...variables, ...env }), ...uncovered },
      cwd: home,
    });
    t.after(() => child.kill('SIGKILL'));
    child.stdin.end();
    return child;
  }

  /** Runs `kusk` to its end. */
  async function run(options: RunOptions = {}): Promise<Ran> {
    const runAt = performance.now();
    const child = start(options);
    const exit = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const [code, out, err] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
    return { code, out, err, ms: performance.now() - runAt };
  }

  /** Starts `kusk` at a pseudo-terminal. The process is the terminal's. */
  const startAtTerminal = (options: RunOptions = {}) =>
    start({ ...options, wrap: ['sh', '-c', AT_TERMINAL] });

  /** Runs `kusk` at a pseudo-terminal. What it writes to stdout and stderr is in `out`. */
  function runAtTerminal({ args = ARGS, ...options }: RunOptions = {}): Promise<Ran> {
    return run({ ...options, args, wrap: ['sh', '-c', AT_TERMINAL] });
  }

  /** Runs `kusk` once at a terminal, so that the notice was seen. */
  async function seeNotice(): Promise<void> {
    await runAtTerminal({ args: ARGS });
  }

  /** The names in a folder of the state, or none if it does not exist. */
  function names(inner = '.'): readonly string[] {
    try {
      return readdirSync(join(folder, inner));
    } catch {
      return [];
    }
  }
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  /** The processes of this machine that send. */
  const senders = () => sendersOf((user) => user === home);

  /** Resolves once no process sends. */
  async function gone(): Promise<void> {
    await eventually(() => assert.deepEqual(senders(), []), { withinMs: GONE_MS });
  }

  /**
   * Resolves once everything was sent. On a busy machine a sender can reach its time limit before it has sent
   * anything. A later run sends it then, so `kusk` runs again, but only in that case.
   */
  async function sent(options: RunOptions = {}): Promise<void> {
    for (let reruns = 0; ; reruns += 1) {
      await gone();
      const left = names('spool').join();
      if (left === '') return;
      const ms = performance.now() - startedAt;
      assert.ok(ms >= LIFE_MS, `the senders ended within ${ms} ms and left ${left}`);
      assert.ok(reruns < MAX_RERUNS, `${reruns} more runs have not sent ${left}`);
      await run(options);
    }
  }

  /** All other processes of this machine. */
  const programs = () => processesOf((user) => user === home).filter((one) => !isSender(one));
  return {
    ...{ home, folder, start, run, startAtTerminal, runAtTerminal, seeNotice },
    ...{ names, read, senders, gone, sent, programs },
  };
}

export type Machine = ReturnType<typeof startMachine>;

/** `script` runs a program at a pseudo-terminal. It takes a command as one text. */
const AT_TERMINAL = `quoted=''; for word in "$0" "$@"; do quoted="$quoted '$word'"; done; exec script -qec "$quoted" /dev/null`;

function defined(variables: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

interface Process {
  readonly pid: number;
  /** Its command line. */
  readonly line: string;
}

const isSender = ({ line }: Process) => line.includes('__send');

/** Returns the senders whose home folder `isHome` accepts. */
export function sendersOf(isHome: (home: string) => boolean): readonly Process[] {
  return processesOf(isHome).filter(isSender);
}

function processesOf(isHome: (home: string) => boolean): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const home = variables.find((one) => one.startsWith('HOME='))?.slice('HOME='.length);
        return home !== undefined && isHome(home) ? [{ pid: Number(pid), line }] : [];
      } catch {
        return [];
      }
    });
}
