import type { Time } from '../runtime/time.ts';
import type { KubeRequest } from './connect.ts';
import { CredentialsError, isTimeout, KubeStatusError } from './errors.ts';

export interface RecoveryOptions {
  readonly time: Time;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Tracks whether the API server responds. Shared by all loops that wait for it. */
export interface Recovery {
  /** Wraps `request` so that its responses and failures are recorded. */
  readonly track: (request: KubeRequest) => KubeRequest;
  /** Records a connection that broke after its response had begun, such as a watch. */
  readonly connectionLost: () => void;
  /** Returns how often the API server has responded. A refusal does not count. */
  readonly responses: () => number;
  /** Returns how often the API server has come back after an outage. */
  readonly outages: () => number;
  /** Returns whether the API server came back recently and may still refuse some requests. */
  readonly isSettling: () => boolean;
  /**
   * Waits after a failure for `ms` milliseconds or until the API server responds to any request;
   * half a second at most while it settles. Resolves with whether it has responded. Never rejects:
   * an abort ends the wait.
   */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

/** The longest interval of the waiting loop that probes the API server. Milliseconds. */
const PROBE_MS = 500;
/** How long after the connection was lost loops probe it. Milliseconds. */
const PROBE_FOR_MS = 120_000;
/** Spreads the requests of the waiting loops when the API server is back. Milliseconds. */
const JITTER_MS = 100;
/** A shorter time without a response is a broken connection, not an outage. Milliseconds. */
const OUTAGE_MS = 1_000;
/** How long an API server may need after an outage until it serves everything. Milliseconds. */
const SETTLING_MS = 10_000;
/** The outages that count: a burst, and one a minute. More have another cause, such as a proxy. */
const OUTAGE_LIMIT = { burst: 10, everyMs: 60_000 } as const;

/**
 * Tracks outages of the API server. During an outage one waiting loop at a time retries after half
 * a second, and the first response wakes the others. The end of an outage is detected within a
 * second, and not all loops send requests at the same moment.
 *
 * An API server recovers gradually: it may serve leases while it still refuses requests for custom
 * resources, whose permissions and caches are not loaded yet. While it settles, no loop waits
 * longer than half a second.
 */
export function recovery({ time, random }: RecoveryOptions): Recovery {
  const waiting = new Set<AbortController>();
  let responses = 0;
  let awaySince: number | undefined;
  let probing = false;
  let outages = 0;
  let settlingUntil = Number.NEGATIVE_INFINITY;
  const allowance = { left: OUTAGE_LIMIT.burst, at: time.steady() };

  function connectionLost(): void {
    awaySince ??= time.steady();
  }

  function endOutage(): void {
    const now = time.steady();
    const earned = (now - allowance.at) / OUTAGE_LIMIT.everyMs;
    Object.assign(allowance, {
      left: Math.min(OUTAGE_LIMIT.burst, allowance.left + earned),
      at: now,
    });
    if (allowance.left < 1) return;
    allowance.left -= 1;
    outages += 1;
    settlingUntil = now + SETTLING_MS;
  }

  function responded(): void {
    responses += 1;
    if (awaySince !== undefined && time.steady() - awaySince >= OUTAGE_MS) endOutage();
    awaySince = undefined;
    for (const waiter of waiting) waiter.abort();
  }

  function failed(error: unknown, signal: AbortSignal): void {
    if (error instanceof KubeStatusError) {
      if (isResponse(error)) responded();
      return;
    }
    // A caller's abort or a failing plugin has nothing to do with the API server.
    if (error instanceof CredentialsError || (signal.aborted && !isTimeout(error))) return;
    connectionLost();
  }

  const track = (request: KubeRequest): KubeRequest =>
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

  const isSettling = () => time.steady() < settlingUntil;

  function isProbe(): boolean {
    if (probing || awaySince === undefined) return false;
    return time.steady() - awaySince <= PROBE_FOR_MS;
  }

  async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
    const wake = new AbortController();
    const either = AbortSignal.any([signal, wake.signal]);
    const probe = isProbe();
    probing ||= probe;
    const limitMs = probe || isSettling() ? PROBE_MS * (0.5 + random() / 2) : ms;
    waiting.add(wake);
    await time.wait(Math.min(ms, limitMs), either).catch(() => undefined);
    waiting.delete(wake);
    if (probe) probing = false;
    if (!wake.signal.aborted) return false;
    await time.wait(random() * JITTER_MS, signal).catch(() => undefined);
    return true;
  }

  return {
    track,
    connectionLost,
    responses: () => responses,
    outages: () => outages,
    isSettling,
    pause,
  };
}

/** Returns whether an error shows that the API server works: it has processed the request. */
function isResponse({ status }: KubeStatusError): boolean {
  return [409, 410, 422].includes(status);
}
