import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../support/root.ts';
import { say } from './say.ts';

type Line = Readonly<Record<string, unknown>>;

/** One of our programs while it runs. */
export interface Program {
  /** Resolves with the first line of its log that matches, also one that was there before. */
  readonly line: (matches: (line: Line) => boolean) => Promise<Line>;
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
}

export interface ProgramOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How a line of its log reads in the demo. */
  readonly show: (line: Line) => string;
}

/** Starts `dist/kusk-<name>.mjs` and shows each line of its log as it comes. */
export function start(name: string, { args, env, show }: ProgramOptions): Program {
  const child = spawn(process.execPath, [join(ROOT, `dist/kusk-${name}.mjs`), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  const ended = once(child, 'exit').then(wake);
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    say(name, show(line));
    wake();
  });

  function wake(): void {
    for (const look of waiting) look();
  }

  function line(matches: (line: Line) => boolean): Promise<Line> {
    const { promise, resolve, reject } = Promise.withResolvers<Line>();
    const look = () => {
      const found = lines.find(matches);
      if (found) resolve(found);
      else if (hasEnded(child)) reject(new Error(`kusk-${name} has ended`));
      else return;
      waiting.delete(look);
    };
    waiting.add(look);
    look();
    return promise;
  }

  return {
    line,
    async stop(signal) {
      if (!hasEnded(child)) child.kill(signal);
      await ended;
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
