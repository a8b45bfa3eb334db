import { setTimeout as pause } from 'node:timers/promises';
import { faultsNamed } from './faults/all.ts';
import type { Fault } from './faults/fault.ts';
import { gather } from './gather.ts';
import { keepEvidence } from './keep.ts';
import type { ChaosOptions } from './options.ts';
import { play } from './play.ts';
import { progressLine, verdictTable } from './report.ts';
import { type Scene, setScene } from './scene.ts';
import { type Step, schedule } from './schedule.ts';
import { rest, settle, stallOf } from './settle.ts';
import { type Users, usersOf } from './users.ts';
import { judge, type Verdict } from './verdict.ts';

export interface RunOptions extends ChaosOptions {
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Outcome {
  readonly verdict: Verdict;
  /** How many messages came more than once, under one messageId. */
  readonly repeats: number;
  /** What had not come to rest at the end, if anything. */
  readonly amiss: string | undefined;
  /** The faults that were injected. */
  readonly steps: readonly Step[];
}

/** What was there before telemetry was. */
const EXISTING = 12;
/** So many creations may be waiting for their turn. */
const BEHIND = 400;

/** One run: sets the scene, plays the schedule while users are busy, and judges. */
export async function chaos(options: RunOptions): Promise<Outcome> {
  const { log, signal, seed } = options;
  const faults = faultsNamed(options.only);
  const steps = schedule(faults, options);
  const startedOn = today();
  await using scene = await setScene();
  const users = usersOf(scene.lab, { seed });
  await users.act(EXISTING);
  await scene.makeLedger();
  await Promise.all(scene.replicas.map((replica) => replica.start()));
  await rest(scene, users);

  const stalls = await playAmidTraffic(scene, { ...options, users, steps, drawn: faults });
  log('all is mended: waiting until all has come to rest');
  const last = await settle(scene, users);
  const amiss = [...stalls, last].filter((stall) => stall !== undefined).join('; ') || undefined;
  signal.throwIfAborted();
  const evidence = await gather(scene, { users, days: [startedOn, today()] });
  const verdict = judge(evidence);
  const repeats = scene.collector.repeats();
  log(verdictTable(verdict, { repeats }));
  if (!verdict.isRight)
    log(`what it was made of is kept in ${await keepEvidence(scene, evidence)}`);
  if (amiss !== undefined) log(`had not come to rest: ${amiss}\n${lastTroubles(scene)}`);
  return { verdict, repeats, amiss, steps };
}

interface TrafficOptions extends RunOptions {
  readonly drawn: readonly Fault[];
  readonly users: Users;
  readonly steps: readonly Step[];
}

/**
 * Users create their share during each fault, so that traffic lasts as long as the faults. Returns what
 * was still outstanding in between, although nothing was broken then.
 */
async function playAmidTraffic(scene: Scene, options: TrafficOptions): Promise<readonly string[]> {
  const { users, steps, creations, log, drawn } = options;
  const startedAt = performance.now();
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const acting: Promise<void>[] = [];
  const stalls: string[] = [];
  let asked = 0;

  function act(upTo: number): void {
    const share = Math.min(upTo, creations) - asked;
    if (share <= 0) return;
    asked += share;
    const action = users.act(share);
    acting.push(action);
    // What users could not do at last ends the run.
    action.catch((error: unknown) => over.abort(error));
  }

  async function onStep(step: Step, index: number): Promise<void> {
    while (asked - users.count() > BEHIND) await pause(100, undefined, { signal });
    act(Math.ceil((creations * (index + 1)) / steps.length));
    const elapsedMs = performance.now() - startedAt;
    const progress = { done: index, of: steps.length, created: users.count(), elapsedMs };
    log(progressLine(step, progress));
  }

  async function resting(): Promise<void> {
    const stall = await stallOf(scene, users);
    if (stall === undefined) return;
    stalls.push(stall);
    log(`had not come to rest: ${stall}`);
  }

  try {
    await play(steps, { scene, faults: drawn, rest: resting, onStep, signal });
    act(creations);
    await Promise.all(acting);
    return stalls;
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    over.abort();
  }
}

function lastTroubles({ replicas }: Scene): string {
  return replicas.flatMap((replica) => replica.troubles().slice(-5)).join('\n');
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
