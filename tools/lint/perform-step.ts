import type { Ran } from '../../lab/support/run.ts';

/** A program that a step needs can't be had on this machine, and why. */
export interface Unavailable {
  readonly unavailable: string;
}

/** One step of `npm run check`. */
export interface Step {
  readonly title: string;
  readonly perform: () => Promise<Ran | Unavailable>;
}

export interface PerformOptions {
  /** Whether a step that can't be performed is a failure. Else it is skipped. */
  readonly isStrict: boolean;
  readonly log: (text: string) => void;
  /** Returns the time in milliseconds. */
  readonly now: () => number;
}

/** Performs a step, logs its result and returns whether it is good. */
export async function performStep(
  { title, perform }: Step,
  { isStrict, log, now }: PerformOptions,
): Promise<boolean> {
  const startedAt = now();
  const result = await perform();
  if ('unavailable' in result) {
    log(`${isStrict ? 'FAILED ' : 'SKIPPED'} ${title}\n${result.unavailable}`);
    return !isStrict;
  }
  const isGood = result.code === 0;
  const seconds = ((now() - startedAt) / 1000).toFixed(1);
  const details = isGood ? '' : `\n${result.output}`;
  log(`${isGood ? 'ok     ' : 'FAILED '} ${title} (${seconds} s)${details}`);
  return isGood;
}
