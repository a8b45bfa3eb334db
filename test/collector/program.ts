import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { coveredProgramOf } from '../../lab/support/programs.ts';
import { WRITE_KEY } from './setup.ts';

export interface Program {
  readonly url: string;
  readonly pid: number | undefined;
  readonly child: ChildProcess;
  /** The lines printed so far. */
  readonly output: readonly string[];
  /** Sends the signal. Resolves with the exit code, or `null` if the signal ended the process. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Returns the path of a database file for one test. */
export function aFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-collector-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'test.db');
}

export interface LaunchOptions {
  /** Another file than `coveredProgramOf` names. */
  readonly program?: string;
  readonly nodeArgs?: readonly string[];
  /** What the program reads. Nothing by default. */
  readonly input?: string;
}

/** Starts the program with these flags and an empty environment. */
export function launch(
  t: TestContext,
  args: readonly string[],
  { program = coveredProgramOf('kusk-collector'), nodeArgs = [], input }: LaunchOptions = {},
): ChildProcess {
  const child = spawn(process.execPath, [...nodeArgs, program, ...args], {
    env: {},
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** Runs the program until it exits. */
export async function runOnce(t: TestContext, args: readonly string[], options?: LaunchOptions) {
  const child = launch(t, args, options);
  const printed = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    printed.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    printed.err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...printed };
}

type StoreFlags = { readonly file: string } | { readonly clickHouse: string };

/** Starts the program on a free port, with more flags if there are any. Resolves once it listens. */
export async function start(
  t: TestContext,
  flags: StoreFlags,
  more: readonly string[] = [],
  options?: LaunchOptions,
): Promise<Program> {
  const store = 'file' in flags ? ['--database', flags.file] : ['--store', flags.clickHouse];
  const args = ['--listen', ':0', ...store, '--write-key', WRITE_KEY, ...more];
  const child = launch(t, args, options);
  const closed = once(child, 'close');
  assert.ok(child.stdout && child.stderr);
  const output: string[] = [];
  const lines = createInterface(child.stdout).on('line', (line) => output.push(line));
  createInterface(child.stderr).on('line', (line) => output.push(line));
  await Promise.race([once(lines, 'line'), closed]);
  const { msg, address } = JSON.parse(output[0] ?? '{}');
  assert.equal(msg, 'listening', output.join('\n'));
  return {
    url: `http://${address}`,
    pid: child.pid,
    child,
    output,
    async end(signal) {
      child.kill(signal);
      const [code] = await closed;
      return code;
    },
  };
}
