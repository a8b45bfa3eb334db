import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `attempt` until it no longer throws, and returns its result. Rejects with its last error
 * when it has not succeeded in time. For what real processes do in their own time: a watch that went
 * silent is cut after 90 s, so less patience would call that a fault.
 */
export async function eventually<Value>(
  attempt: () => Value | Promise<Value>,
  { withinMs = 150_000, everyMs = 25 }: { withinMs?: number; everyMs?: number } = {},
): Promise<Value> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(everyMs);
    }
  }
}
