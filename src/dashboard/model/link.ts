import type { KubeRequest } from '../../cluster/connect.ts';
import {
  CredentialsError,
  hasStatus,
  KubeStatusError,
  MissingContextError,
  reasonOf,
} from '../../cluster/errors.ts';
import { notifier } from '../../runtime/notifier.ts';
import type { Time } from '../../runtime/time.ts';
import type { ConnectionView } from './view.ts';

/** Whether the API server responds. */
export interface Link {
  /** Wraps `request` so that its responses and failures are recorded. */
  readonly track: (request: KubeRequest) => KubeRequest;
  /**
   * Wraps `request` so that nothing is sent while the credentials are refused: each attempt may run a plugin
   * that asks the person to log in. Something else must try until they are accepted.
   */
  readonly hold: (request: KubeRequest) => KubeRequest;
  readonly view: () => ConnectionView;
  /** Returns when the API server last responded, in ISO 8601; `undefined` if it never did. */
  readonly asOf: () => string | undefined;
  /** Returns how often it came back after more than a few seconds. */
  readonly outages: () => number;
}

export interface LinkOptions {
  readonly time: Pick<Time, 'now'>;
  readonly onChange: () => void;
}

/** A shorter time without a response breaks no watch, in milliseconds. */
const OUTAGE_MS = 5_000;
/** After this many errors of the server in a row (5xx) it counts as away. One kind alone may have some. */
const SERVER_ERRORS = 3;

export function link({ time, onChange }: LinkOptions): Link {
  const iso = () => new Date(time.now()).toISOString();
  let view: ConnectionView = { state: 'connecting', since: iso() };
  let respondedAt: number | undefined;
  let serverErrors = 0;
  let outages = 0;
  const changed = notifier();

  function become(next: Omit<ConnectionView, 'since'>): void {
    if (next.state === view.state && next.problem === view.problem) return;
    view = { ...next, since: next.state === view.state ? view.since : iso() };
    changed.notify();
    onChange();
  }

  function responded(): void {
    const now = time.now();
    if (view.state !== 'connected' && now - (respondedAt ?? now) > OUTAGE_MS) outages += 1;
    respondedAt = now;
    serverErrors = 0;
    become({ state: 'connected' });
  }

  function failed(error: unknown): void {
    const isStatus = error instanceof KubeStatusError;
    const known = missingContextBy(error) ?? refusalBy(error);
    if (known) become(known);
    else if (isStatus && error.status < 500) responded();
    else if (!isStatus || ++serverErrors >= SERVER_ERRORS) become(awayBecause(error));
  }

  return {
    track: (request) =>
      async function tracked(path, options) {
        try {
          const response = await request(path, options);
          responded();
          return response;
        } catch (error) {
          if (!options.signal.aborted) failed(error);
          throw error;
        }
      },
    hold: (request) =>
      async function held(path, options) {
        const { signal } = options;
        while (view.state === 'denied' && !signal.aborted) await changed.notified(signal);
        signal.throwIfAborted();
        return await request(path, options);
      },
    view: () => view,
    asOf: () => (respondedAt === undefined ? undefined : new Date(respondedAt).toISOString()),
    outages: () => outages,
  };
}

function missingContextBy(error: unknown): Omit<ConnectionView, 'since'> | undefined {
  if (!(error instanceof MissingContextError)) return undefined;
  return {
    state: refusalBy(error.cause) ? 'denied' : 'away',
    problem: error.message,
    advice:
      'The page goes on when the kubeconfig has it again. For another one, start kusk dashboard again.',
  };
}

function refusalBy(error: unknown): Omit<ConnectionView, 'since'> | undefined {
  if (hasStatus(error, 401)) {
    return {
      state: 'denied',
      problem: 'the API server does not accept the credentials of the kubeconfig',
      advice: 'Log in again. The page goes on by itself.',
    };
  }
  if (!(error instanceof CredentialsError)) return undefined;
  const advice = 'Look at the user of the context in the kubeconfig.';
  return { state: 'denied', problem: error.message, advice };
}

function awayBecause(error: unknown): Omit<ConnectionView, 'since'> {
  return {
    state: 'away',
    problem: `the API server cannot be reached: ${reasonOf(error)}`,
    advice: 'Check whether the network or VPN is up. The page goes on by itself.',
  };
}
