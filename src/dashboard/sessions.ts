import { isDeliveryError, PermanentDeliveryError } from '../deliver/delivery-error.ts';
import type { Deliver, Message } from '../event.ts';
import { sessionEvent, startOfDay } from '../record/events.ts';
import { backoff } from '../runtime/backoff.ts';
import { notifier } from '../runtime/notifier.ts';
import type { Run } from '../runtime/run.ts';
import type { Time } from '../runtime/time.ts';
import type { DashboardView } from './model/view.ts';

export type SessionEvent = Message<'kusk-dashboard', 'session'>;

/** A browser session that was counted, or will be. */
export interface Session {
  readonly event: SessionEvent;
  /** When it began, in milliseconds since the epoch. It is shown, and not sent. */
  readonly beganAt: number;
  readonly state: 'pending' | 'sent' | 'dropped';
  /** Why it is not sent, as part of a sentence. Empty if it is. */
  readonly reason: string;
}

export interface SessionsOptions {
  /** Returns whether telemetry of both the cluster and this machine is on now. */
  readonly isOn: () => boolean;
  readonly deliver: Deliver;
  /** Returns 64 random hex digits, different ones in each call. */
  readonly randomId: () => string;
  readonly random: () => number;
  readonly time: Pick<Time, 'now' | 'wait'>;
}

/** Counts browser sessions: each once, under random ids, while telemetry is on. */
export interface Sessions {
  /** Returns whether a session that begins now is to be counted. */
  readonly isOn: () => boolean;
  /** Counts a session, unless this process has already seen its id or telemetry is off. */
  readonly begin: (id: string) => void;
  /** Returns the event that the next session would send, with the ids that it would have. */
  readonly next: () => SessionEvent;
  /** The last sessions of this process, the newest first. */
  readonly all: () => readonly Session[];
  /** Increases with each change. */
  readonly revision: () => number;
  /** Resolves when there is a later revision, or when `signal` aborts. */
  readonly changed: (revision: number, signal: AbortSignal) => Promise<void>;
  /** Sends what is pending until aborted. */
  readonly run: Run;
}

/** The most sessions of a process, so that a page out of control can't flood the endpoint. */
const SESSION_LIMIT = 1_000;
const SHOWN = 20;
/** With the waits below, an endpoint that is away for some minutes still gets the event. */
const MAX_ATTEMPTS = 8;
/** In milliseconds. */
const PAUSES = { baseMs: 2_000, capMs: 120_000 };

/** Returns whether telemetry of a cluster is on now, as far as it can be known. */
export function isCertainlyOn({ connection, telemetry }: DashboardView): boolean {
  return connection.state === 'connected' && telemetry.state === 'on';
}

export function countSessions(options: SessionsOptions): Sessions {
  const { isOn, deliver, random, time } = options;
  const seen = new Set<string>();
  const changes = notifier();
  const enqueued = notifier();
  let revision = 0;
  let next = sessionEvent({ ...options, now: time.now });
  let sessions: readonly Session[] = [];

  const freshNext = () => ({ ...next, timestamp: startOfDay(time.now()) });

  /** What is pending is kept although it is not shown. */
  function update(changed: readonly Session[]): void {
    sessions = changed.filter(({ state }, at) => state === 'pending' || at < SHOWN);
    revision += 1;
    changes.notify();
  }

  function settle({ event }: Session, end: Pick<Session, 'state' | 'reason'>): void {
    update(sessions.map((one) => (one.event === event ? { ...one, ...end } : one)));
  }

  /** Returns whether the session is settled. */
  async function attempt(session: Session): Promise<boolean> {
    if (!isOn()) {
      settle(session, { state: 'dropped', reason: 'telemetry is no longer known to be on' });
      return true;
    }
    try {
      await deliver(session.event);
      settle(session, { state: 'sent', reason: '' });
      return true;
    } catch (error) {
      const reason = isDeliveryError(error) ? error.message : 'unexpected failure';
      const isFinal = error instanceof PermanentDeliveryError;
      settle(session, { state: isFinal ? 'dropped' : 'pending', reason });
      return isFinal;
    }
  }

  async function send(session: Session, signal: AbortSignal): Promise<void> {
    const pauses = backoff({ ...PAUSES, random });
    for (let attempts = 1; !(await attempt(session)); attempts += 1) {
      if (attempts === MAX_ATTEMPTS) {
        settle(session, { state: 'dropped', reason: 'the endpoint cannot be reached' });
        return;
      }
      await time.wait(pauses.failed(), signal);
    }
  }

  return {
    isOn,
    begin(id) {
      if (seen.has(id) || seen.size >= SESSION_LIMIT || !isOn()) return;
      seen.add(id);
      const began = { event: freshNext(), beganAt: time.now() };
      update([{ ...began, state: 'pending', reason: '' }, ...sessions]);
      next = sessionEvent({ ...options, now: time.now });
      enqueued.notify();
    },
    next: freshNext,
    all: () => sessions.slice(0, SHOWN),
    revision: () => revision,
    async changed(than, signal) {
      while (revision === than && !signal.aborted) await changes.notified(signal);
    },
    async run(signal) {
      while (!signal.aborted) {
        const session = sessions.findLast(({ state }) => state === 'pending');
        if (session === undefined) await enqueued.notified(signal);
        else await send(session, signal).catch(() => undefined);
      }
    },
  };
}
