import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './faults/fault.ts';
import type { Scene } from './scene.ts';
import type { Step } from './schedule.ts';

export interface PlayOptions {
  readonly scene: Scene;
  readonly faults: readonly Fault[];
  /** Waits until all is told. Nothing is broken meanwhile. */
  readonly rest: () => Promise<void>;
  /** Called when the turn of a step has come, before it is played. */
  readonly onStep: (step: Step, index: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Plays a schedule: faults of different lanes overlap, those of one lane follow each other.
 *
 * Resolves once each has been mended. Rejects when one could not be injected or mended, once nothing
 * more is done to the scene.
 */
export async function play(steps: readonly Step[], options: PlayOptions): Promise<void> {
  const lanes = new Map<string, Promise<void>>();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  try {
    for (const [index, step] of steps.entries()) {
      const fault = faultOf(step, options);
      await Promise.race([turnOf(step, fault, { ...options, index, lanes }), failure.promise]);
      const playing = playStep(step, fault, options);
      lanes.set(step.lane, playing);
      playing.catch(failure.reject);
      if (fault.alone) await Promise.race([playing, failure.promise]);
    }
    await Promise.all(lanes.values());
  } finally {
    await Promise.allSettled(lanes.values());
  }
}

interface TurnOptions extends PlayOptions {
  readonly index: number;
  readonly lanes: ReadonlyMap<string, Promise<void>>;
}

/** Waits until a step has its turn. */
async function turnOf(step: Step, fault: Fault, options: TurnOptions): Promise<void> {
  const { index, lanes, signal } = options;
  await Promise.all([pause(step.afterMs, undefined, { signal }), lanes.get(step.lane)]);
  if (fault.fromRest) {
    await Promise.all(lanes.values());
    await options.rest();
  }
  signal.throwIfAborted();
  await options.onStep(step, index);
}

function faultOf({ name }: Step, { faults }: PlayOptions): Fault {
  const fault = faults.find((one) => one.name === name);
  if (!fault) throw new RangeError(`there is no fault ${name}`);
  return fault;
}

async function playStep(step: Step, fault: Fault, { scene, signal }: PlayOptions): Promise<void> {
  try {
    const mend = await fault.inject(scene, step);
    await pause(step.lastsMs, undefined, { signal }).catch(() => undefined);
    await mend();
  } catch (cause) {
    throw new Error(`${step.name}, ${step.lane}: ${(cause as Error).message}`, { cause });
  }
}
