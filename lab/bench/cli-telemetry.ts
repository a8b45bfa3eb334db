import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { median } from '../support/median.ts';
import { duration } from './duration.ts';
import type { Line } from './line.ts';

const PAIRS = 50;
/** The most that telemetry may add to a command, in milliseconds. */
const MOST_ADDED_MS = 5;
const POLL_MS = 20;
/** As `kusk cluster install --export | kubectl apply -f -`. */
const PIPED = { stdout: 'pipe' } as const;

export interface CliTelemetryOptions {
  /** The path of `kusk.mjs`. */
  readonly program: string;
  /** A folder for the home folders of two users. */
  readonly folder: string;
  /** A command that is counted. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly quick: boolean;
}

/**
 * What telemetry adds to a command: to the run that sends, and to a later one of the day. By turns with
 * the same command while telemetry is off. What the first user counts is removed before each run, so that
 * each is the first of a day.
 */
export async function cliTelemetry(options: CliTelemetryOptions): Promise<readonly Line[]> {
  const { program, folder, command, quick } = options;
  const args = [program, ...command, '--analytics', 'on'];
  const off = { ...variables(options), HOME: folder, ANALYTICS_ENABLED: 'false' };
  const users = [
    {
      what: 'a run that sends',
      env: await user('sends', options),
      isFirst: true,
      added: [] as number[],
    },
    {
      what: 'a later run of the day',
      env: await user('later', options),
      isFirst: false,
      added: [] as number[],
    },
  ];
  const without: number[] = [];
  for (let pair = 0; pair < (quick ? 5 : PAIRS); pair += 1) {
    const bare = await duration(process.execPath, args, off, PIPED);
    without.push(bare);
    for (const { env, isFirst, added } of users) {
      if (isFirst) await emptySpool(env.HOME);
      added.push((await duration(process.execPath, args, env, PIPED)) - bare);
      await untilNoneSends(env.HOME);
    }
  }
  const against = median(without);
  return users.map(({ what, added }) => ({
    section: 'cli',
    what: `telemetry, ${what}, kusk ${command.join(' ')}`,
    unit: 'ms',
    figure: { of: 'on', value: against + median(added) },
    against: { of: 'off', value: against },
    target: { value: against + MOST_ADDED_MS },
  }));
}

function variables({ env }: CliTelemetryOptions) {
  const settings = { ANALYTICS_ENDPOINT: 'http://127.0.0.1:9', ANALYTICS_WRITE_KEY: 'bench' };
  return { PATH: process.env.PATH, ...env, ...settings };
}

/** Creates a user who has seen the notice. That of a later run has sent everything. */
async function user(name: 'sends' | 'later', options: CliTelemetryOptions) {
  const { program, folder } = options;
  const home = join(folder, `${name}-${options.command.at(-1)}`);
  const state = stateOf(home);
  await mkdir(state, { recursive: true, mode: 0o700 });
  await writeFile(join(state, 'notice'), new Date().toISOString());
  const env = { ...variables(options), HOME: home };
  await duration(process.execPath, [program, ...options.command], env);
  await untilNoneSends(home);
  const pending = await readdir(join(state, 'spool'));
  if (pending.length === 0) throw new Error('Nothing was counted.');
  if (name === 'later') {
    for (const file of pending) await rename(join(state, 'spool', file), join(state, 'sent', file));
  }
  return env;
}

function stateOf(home: string): string {
  return join(home, '.local/state/kusk');
}

async function emptySpool(home: string): Promise<void> {
  const spool = join(stateOf(home), 'spool');
  for (const file of await readdir(spool)) await rm(join(spool, file));
}

/** The detached process of one run would take time from the next. */
async function untilNoneSends(home: string): Promise<void> {
  while ((await sendersOf(home)).includes(true)) await setTimeout(POLL_MS);
}

async function sendersOf(home: string): Promise<readonly boolean[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return await Promise.all(
    processes.map((id) =>
      readFile(`/proc/${id}/environ`, 'utf8').then(
        (variables) => variables.split('\0').includes(`HOME=${home}`),
        () => false,
      ),
    ),
  );
}
