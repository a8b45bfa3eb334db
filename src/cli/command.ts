import type { Kill } from '../cluster/exec-plugins.ts';
import type { CountedCommand } from '../record/machine-events.ts';
import type { Environment } from '../runtime/environment.ts';
import type { Time } from '../runtime/time.ts';
import type { Confirm } from './output/confirm.ts';
import type { Terminal } from './output/terminal.ts';

/** 0: done; 1: failed; 2: wrong usage; 3: cluster unreachable or rights missing; 4: not ready in time. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** A flag of a command. Without `value` it is a switch. */
export interface Flag {
  /** Without the dashes: `namespace`. */
  readonly name: string;
  /** One letter: `n`. */
  readonly short?: string;
  /** Other long names, which help does not show. */
  readonly aliases?: readonly string[];
  /** The placeholder of its value in help: `FILE`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** One line that begins with a small letter and has no full stop. */
  readonly help: string;
}

export interface Argument {
  /** In help: `SHELL`. */
  readonly name: string;
  readonly choices?: readonly string[];
  readonly isOptional?: boolean;
  /** Takes all further words too. Only the last argument can. */
  readonly isRepeated?: boolean;
  readonly help: string;
}

export interface Example {
  readonly command: string;
  /** What it does, in a few words. */
  readonly why: string;
}

/** A command as a row of the table: parser, help, completion and docs/cli.md come from it. */
export type CommandSpec = CommandRow &
  (
    | { readonly counted: true; readonly name: CountedCommand }
    | { readonly counted: false; readonly name: string }
  );

interface CommandRow {
  /** One line that begins with a capital and has no full stop. */
  readonly summary: string;
  /** Further sentences for `--help`, paragraphs apart by an empty line. */
  readonly description?: string;
  readonly arguments?: readonly Argument[];
  readonly flags: readonly Flag[];
  readonly examples: readonly Example[];
  /** Never shows the notice: a shell runs it whenever it starts, or it is about telemetry itself. */
  readonly isQuiet?: true;
  /** Loads the command's own code, which is a bundle of its own. */
  readonly load: () => Promise<{ readonly run: RunCommand }>;
}

/** Everything that `kusk` can do. */
export interface CommandTable {
  readonly commands: readonly CommandSpec[];
  /** First words that several commands share, with their summaries. */
  readonly groups: Readonly<Record<string, string>>;
  /**
   * First arguments that `kusk` gives to a process of its own, as `startDetached` does. Neither help
   * nor completion shows them, and what follows them is not parsed.
   */
  readonly internal: Readonly<Record<string, CommandSpec['load']>>;
}

/** Values by the flag's long name: a text, `true` for a switch that is set, or nothing. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** All that a command may use of the process. */
export interface CommandContext {
  readonly flags: Flags;
  readonly args: readonly string[];
  readonly table: CommandTable;
  /** This program's version: `0.1.0`. */
  readonly version: string;
  readonly environment: Environment;
  /** The home folder of the user. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** The effective user id, or `undefined` on Windows. */
  readonly uid: number | undefined;
  /** The write key that this program was built with. Empty if it has none. */
  readonly builtInWriteKey: string;
  /** Data. */
  readonly stdout: Terminal;
  /** Progress and notices. */
  readonly stderr: Terminal;
  readonly confirm: Confirm;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly time: Time;
  readonly random: () => number;
  /** Returns 64 random hex digits. */
  readonly randomId: () => string;
  readonly kill: Kill;
  /** Ends this process immediately, whatever holds it. Its exit code is that of a killed process. */
  readonly killSelf: () => void;
  /** Starts `kusk` with these arguments in a session of its own, which outlives this process. */
  readonly startDetached: (args: readonly string[]) => void;
  /** Keeps the memory of this process small, at the cost of some speed: for a command that runs for long. */
  readonly favorMemory: () => void;
  /** Opens an address in the person's browser. It may reject. */
  readonly openBrowser: (address: string) => Promise<void>;
}

/**
 * Runs a command until it is done or aborted.
 *
 * An expected failure rejects with a `CommandError`, which has the exit code and the advice. Any other
 * error is printed as it is, and the exit code is 1.
 */
export type RunCommand = (context: CommandContext) => Promise<ExitCode>;
