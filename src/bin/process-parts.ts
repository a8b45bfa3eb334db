import type { CommandContext } from '../cli/command.ts';
import { wantsColors } from '../cli/output/colors.ts';
import { confirmAt } from '../cli/output/confirm.ts';
import type { Terminal } from '../cli/output/terminal.ts';
import { SENDER_VARIABLES } from '../cli/sender-variables.ts';
import { systemTime } from '../runtime/time.ts';

/** The width of text where there is no terminal, in characters. */
const COLUMNS = 80;

export interface ProcessPartsOptions {
  /** Whether `--no-color` is given. */
  readonly noColor: boolean;
  readonly signal: AbortSignal;
}

type ProcessParts = Omit<CommandContext, 'table' | 'version' | 'flags' | 'args'>;

/** What `npm run build -- --write-key KEY` replaces by its value. */
interface BuiltIn {
  readonly KUSK_CLI_WRITE_KEY?: string;
}

/** Returns what a command of `kusk` may use of this process. */
export function processParts({ noColor, signal }: ProcessPartsOptions): ProcessParts {
  const stderr = terminal(process.stderr);
  return {
    environment: process.env,
    home: homeFolder(),
    platform: process.platform,
    uid: process.geteuid?.(),
    builtInWriteKey: (globalThis as BuiltIn).KUSK_CLI_WRITE_KEY ?? '',
    stdout: terminal(process.stdout),
    stderr,
    confirm: confirmAt({ input: () => process.stdin, output: process.stderr, signal }),
    signal,
    time: systemTime,
    random: Math.random,
    randomId: () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex'),
    kill: process.kill,
    killSelf: () => process.kill(process.pid, 'SIGKILL'),
    startDetached,
    favorMemory,
    async openBrowser(address) {
      const { default: open } = await import('open');
      await open(address);
    },
  };

  function terminal(stream: NodeJS.WriteStream): Terminal {
    const isTerminal = stream.isTTY === true;
    return {
      write: (text) => stream.write(text),
      isTerminal,
      columns: (isTerminal && stream.columns) || COLUMNS,
      colors: wantsColors({ environment: process.env, isTerminal, noColor }),
    };
  }
}

/**
 * As `homedir` of node:os, which is loaded only where a variable does not say it. A user without a name
 * in the system, as in a container, has no home without the variable.
 */
function homeFolder(): string {
  const { HOME, USERPROFILE } = process.env;
  const known = process.platform === 'win32' ? USERPROFILE : HOME;
  if (known) return known;
  try {
    return process.getBuiltinModule('node:os').homedir();
  } catch {
    return '';
  }
}

/**
 * Without this, V8 lets its young generation grow for as long as it finds something alive in it: over a
 * day, to a hundred MiB that are never given back.
 */
function favorMemory(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--optimize-for-size');
}

/**
 * The child has nothing of this terminal, folder or environment that could hold it, or be held by it:
 * `$(kusk ...)` and ssh would wait for an inherited stream, and `NODE_OPTIONS=--inspect` would open a
 * port.
 */
function startDetached(args: readonly string[]): void {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const env = Object.fromEntries(
    SENDER_VARIABLES.map((name) => [name, process.env[name]] as const).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const child = spawn(process.execPath, [...ownScript(), ...args], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    cwd: '/',
    env,
  });
  // Telemetry never breaks its host: without a child the event stays in the spool.
  child.on('error', () => {});
  child.unref();
  lowerPriority(child.pid);
}

/** The command itself goes first. On a machine with one processor, it would wait for the child. */
function lowerPriority(pid: number | undefined): void {
  const { constants, setPriority } = process.getBuiltinModule('node:os');
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system does not allow it.
  }
}

/** A single executable is its own script. */
function ownScript(): readonly string[] {
  const [, script] = process.argv;
  const isSingle = process.getBuiltinModule('node:sea').isSea();
  return isSingle || script === undefined ? [] : [script];
}
