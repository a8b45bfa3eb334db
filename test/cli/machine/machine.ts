import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type CountOptions, countCommand } from '../../../src/cli/machine/count.ts';
import { utcDay } from '../../../src/event.ts';
import { messageId } from '../../../src/record/events.ts';
import type { CountedCommand, MachineEventName } from '../../../src/record/machine-events.ts';
import type { Environment } from '../../../src/runtime/environment.ts';

export const ID = '5a'.repeat(32);
export const DAY_MS = 86_400_000;
export const NOON = Date.parse('2026-11-23T12:00:00Z');

export interface MachineOptions {
  /** Added to the environment. `undefined` removes a variable. */
  readonly environment?: Environment;
  /** Whether a person has seen the notice and the machine has an id. */
  readonly isKnown?: boolean;
  readonly isTerminal?: boolean;
}

/** A machine with a home folder of its own, a clock that can be set, and a sender that only counts. */
export function newMachine(t: TestContext, options: MachineOptions = {}) {
  const { environment = {}, isKnown = true, isTerminal = false } = options;
  const home = mkdtempSync(join(tmpdir(), 'kusk-machine-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, '.local/state/kusk');
  const clock = { ms: NOON };
  const printed: string[] = [];
  const started: string[] = [];
  let ids = 0;
  const surroundings: CountOptions = {
    environment: { ANALYTICS_WRITE_KEY: 'key', ...environment },
    home,
    platform: 'linux',
    uid: process.geteuid?.(),
    builtInWriteKey: '',
    now: () => clock.ms,
    randomId() {
      ids += 1;
      return ids.toString(16).padStart(64, '0');
    },
    stderr: { isTerminal, write: (text) => printed.push(text) },
  };
  if (isKnown) {
    write('id', ID);
    write('notice', '2026-11-22T08:00:00.000Z');
  }

  function write(name: string, text: string): void {
    mkdirSync(join(folder, name, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, name), text);
  }
  /** Counts a run of the command, as `invoke` does. */
  function count(parts: Partial<CountOptions> = {}): void {
    if (countCommand(COMMAND, { ...surroundings, ...parts }) !== 'nothing') started.push('sender');
  }
  /** The names in a folder of the state, or `undefined` if it does not exist. */
  function names(inner = '.'): readonly string[] | undefined {
    try {
      return sorted(readdirSync(join(folder, inner)));
    } catch {
      return undefined;
    }
  }
  /** The file of an event of this machine. */
  function file(name: MachineEventName, ms = clock.ms): string {
    return `${idOf(name, ms)}.json`;
  }
  return {
    home,
    folder,
    clock,
    printed,
    started,
    count,
    options: surroundings,
    machine: { folder, machineId: ID },
    write,
    read: (name: string) => readFileSync(join(folder, name), 'utf8'),
    names,
    file,
  };
}

/** The messageId of an event of the machine, as the documentation says that it is made. */
export function idOf(name: MachineEventName, ms: number): string {
  return messageId(ID, { name, subject: name === 'install' ? '' : utcDay(ms) });
}

/** Names in the order in which `names` returns them. */
export function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}

export const COMMAND: CountedCommand = 'cluster install';
