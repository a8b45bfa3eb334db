import { type BackoffOptions, backoff } from '../cluster/backoff.ts';
import type { Time } from '../cluster/time.ts';

export interface PersistentlyOptions {
  readonly time: Time;
  readonly random: BackoffOptions['random'];
  /** Called with the first error, and with each later one that is another kind of trouble. */
  readonly onTrouble: (error: unknown) => void;
  /** Called when it has succeeded. */
  readonly onSuccess: () => void;
  /** Errors that no further try will mend are thrown. */
  readonly isFinal: (error: unknown) => boolean;
}

/** Tries until it succeeds, with backoff up to a minute. Rejects when aborted. */
export async function persistently<Value>(
  attempt: () => Promise<Value>,
  { time, random, onTrouble, onSuccess, isFinal }: PersistentlyOptions,
  signal: AbortSignal,
): Promise<Value> {
  const retry = backoff({ baseMs: 500, capMs: 60_000, random });
  for (;;) {
    try {
      const value = await attempt();
      onSuccess();
      return value;
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      onTrouble(error);
      await time.wait(retry.failed(), signal);
    }
  }
}
