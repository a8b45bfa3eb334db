/**
 * The shape of every program: parse, run, exit.
 *
 * This file imports nothing, and each program imports it before anything else: as process 1 of a
 * container, a program misses every signal that arrives before it has a handler.
 */

export interface Program<Config> {
  readonly name: string;
  /**
   * Parses the command line and the environment.
   *
   * Returns a text to print it and exit with 0. An error is printed, and the exit code is 2.
   */
  readonly parse: (
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) => Promise<Config | string>;
  /**
   * Wires the parts and runs them until `stop` aborts, as it does on SIGTERM and SIGINT.
   *
   * An error is printed, and the exit code is 1.
   */
  readonly run: (config: Config, stop: AbortController) => Promise<void>;
}

/** The first Node that can run all packages of the programs. */
const OLDEST_NODE = [22, 19] as const;

/** How long the process may take to exit after `run` and its output, in milliseconds. */
const EXIT_MS = 1_000;

const { stdout, stderr } = process;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const stop = new AbortController();
for (const signal of SIGNALS) process.once(signal, () => stop.abort());
// The reader of the output may exit before this program does.
for (const stream of [stdout, stderr]) stream.on('error', () => {});

/**
 * Exits with 2 and a message on an older Node. A program loads everything else after this: such a Node may
 * not even be able to read it.
 */
export function requireNode(name: string): void {
  const version = process.versions.node;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  const needed = `needs Node ${OLDEST_NODE.join('.')} or later, and this is Node ${version}.`;
  exitWith(2, name)(`${needed}\nInstall a newer Node, or put its folder first in PATH.`);
}

export async function runProgram<Config>({ name, parse, run }: Program<Config>): Promise<void> {
  failIfLost(name);
  const config = await parse(process.argv.slice(2), process.env).catch(exitWith(2, name));
  if (typeof config === 'string') {
    stdout.write(config);
    return;
  }
  await run(config, stop).catch(exitWith(1, name));
  // What is left to wait for is a slow reader or a name server. Another signal ends that too.
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  if (stop.signal.aborted) exitSoon();
  else stdout.write('', () => stderr.write('', exitSoon));
}

/**
 * Exits with 1 instead of 0 if stdout can't be written, and prints why. A reader that has exited is no reason,
 * nor is the log of a service, which runs until it is stopped.
 */
function failIfLost(name: string): void {
  // A disk that is nearly full takes only a part of a text, which Node's own stream of a file ignores.
  if (stdout.constructor.name === 'SyncWriteStream') stdout._write = writeWhole;
  stdout.once('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' || code === 'ECONNRESET') return;
    process.once('exit', (exitCode) => {
      if (exitCode !== 0 || stop.signal.aborted) return;
      stderr.write(`${name}: the output can't be written: ${message}\n`);
      process.exitCode = 1;
    });
  });
}

function writeWhole(chunk: Uint8Array, _: unknown, done: (error?: Error) => void): void {
  let problem: Error | undefined;
  try {
    process.getBuiltinModule('node:fs').writeFileSync(stdout.fd, chunk);
  } catch (error) {
    problem = error as Error;
  }
  done(problem);
}

/** Ends the process after a time if it is still held, as by a socket that is connecting: nothing closes it. */
function exitSoon(): void {
  setTimeout(() => {
    const held = process.getActiveResourcesInfo();
    // `process.exit` would wait for a read that hangs in a file system.
    if (held.some((resource) => resource.startsWith('FSReq'))) killSelf();
    process.exit();
  }, EXIT_MS).unref();
}

/** Ends the process immediately, whatever holds it. */
function killSelf(): void {
  process.kill(process.pid, 'SIGKILL');
  // The kernel does not let process 1 of a container kill itself.
  process.abort();
}

function exitWith(code: number, name: string) {
  return (error: unknown): never => {
    stderr.write(`${name}: ${messageOf(error)}\n`);
    process.exit(code);
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
