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
  readonly track: (request: KubeRequest) => KubeRequest;
  /** Notices a connection that broke after its response had begun, as a watch's. */
  readonly connectionLost: () => void;
  /** How often the API server has responded. A refusal is no response. */
  readonly responses: () => number;
  /** How often the API server has come back after an outage. */
  readonly outages: () => number;
  /** Whether the API server came back so recently that it may still refuse some requests. */
  readonly isSettling: () => boolean;
  /**
   * Waits for so many milliseconds after a failure, or until the API server responds to any
   * request; half a second at most while it settles. Returns whether it has responded. Never
   * rejects: an abort ends the wait.
   */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

/** How often one of those that wait tries whether the API server is back, at most. Milliseconds. */
const PROBE_MS = 500;
/** For how long after the last response they do so. Milliseconds. */
const PROBE_FOR_MS = 120_000;
/** Those that wait do not all come back in the same moment. Milliseconds. */
const JITTER_MS = 100;
/** Without a response for so long, the API server was away; else a connection broke. Milliseconds. */
const OUTAGE_MS = 1_000;
/** How long an API server that is back may need until it serves everything. Milliseconds. */
const SETTLING_MS = 10_000;
/** So many outages count in a row, and one more each minute: something else may break connections. */
const OUTAGE_LIMIT = { burst: 10, everyMs: 60_000 } as const;

/**
 * While no response comes, one of the waiting loops at a time tries again after half a second; the
 * first response wakes the others. So an API server that is back is seen within a second, and is
 * not met by a crowd.
 *
 * It does not come back in one moment: it may serve leases while it still refuses what is asked of
 * custom resources, whose rights and caches it has yet to load. While it settles, no loop waits longer
 * than half a second.
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
    // Neither a caller's abort nor a plugin that fails says anything of the API server.
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

/** Whether an error says that the API server works: it has looked at what was asked. */
function isResponse({ status }: KubeStatusError): boolean {
  return [409, 410, 422].includes(status);
}
