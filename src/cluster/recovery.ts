import type { Time } from '../runtime/time.ts';
import type { KubeRequest } from './connect.ts';
import { CredentialsError, isTimeout, KubeStatusError } from './errors.ts';

export interface RecoveryOptions {
  readonly time: Time;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Whether the API server responds, shared by all loops that wait until it does. */
export interface Recovery {
  /** Wraps `request` so that its responses, and their absence, are noticed. */
  readonly noticing: (request: KubeRequest) => KubeRequest;
  /** How often the API server has responded. A refusal is no response. */
  readonly responses: () => number;
  /**
   * Waits for so many milliseconds after a failure, or until the API server responds to any
   * request. Returns whether it has responded. Never rejects: an abort ends the wait.
   */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

/** How often one of those that wait tries whether the API server is back, at most. Milliseconds. */
const PROBE_MS = 500;
/** For how long after the last response they do so. Milliseconds. */
const PROBE_FOR_MS = 120_000;
/** Those that wait do not all come back in the same moment. Milliseconds. */
const JITTER_MS = 100;

/**
 * While no response comes, one of the waiting loops at a time tries again after half a second; the
 * first response wakes the others. So an API server that is back is seen within a second, and is
 * not met by a crowd.
 */
export function recovery({ time, random }: RecoveryOptions): Recovery {
  const waiting = new Set<AbortController>();
  let responses = 0;
  let awaySince: number | undefined;
  let probing = false;

  function responded(): void {
    responses += 1;
    awaySince = undefined;
    for (const waiter of waiting) waiter.abort();
  }

  function failed(error: unknown, signal: AbortSignal): void {
    if (error instanceof KubeStatusError) {
      if (isResponse(error)) responded();
      return;
    }
    // Neither a caller's abort nor a plugin that fails says anything of the API server.
    if (error instanceof CredentialsError || (signal.aborted && !isTimeout(error))) return;
    awaySince ??= time.steady();
  }

  const noticing = (request: KubeRequest): KubeRequest =>
    async function noticed(path, options) {
      try {
        const response = await request(path, options);
        responded();
        return response;
      } catch (error) {
        failed(error, options.signal);
        throw error;
      }
    };

  function probeMs(): number | undefined {
    if (probing || awaySince === undefined) return undefined;
    if (time.steady() - awaySince > PROBE_FOR_MS) return undefined;
    return PROBE_MS * (0.5 + random() / 2);
  }

  async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
    const sooner = new AbortController();
    const either = AbortSignal.any([signal, sooner.signal]);
    const probe = probeMs();
    probing ||= probe !== undefined;
    waiting.add(sooner);
    await time.wait(Math.min(ms, probe ?? ms), either).catch(() => undefined);
    waiting.delete(sooner);
    if (probe !== undefined) probing = false;
    if (!sooner.signal.aborted) return false;
    await time.wait(random() * JITTER_MS, signal).catch(() => undefined);
    return true;
  }

  return { noticing, responses: () => responses, pause };
}

/** Whether an error says that the API server works: it has looked at what was asked. */
function isResponse({ status }: KubeStatusError): boolean {
  return [409, 410, 422].includes(status);
}
