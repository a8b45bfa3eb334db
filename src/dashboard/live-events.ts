import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { Time } from '../runtime/time.ts';
import type { Dashboard } from './model/view.ts';
import type { Sessions } from './sessions.ts';

export interface LiveOptions {
  readonly dashboard: Pick<Dashboard, 'view' | 'changed'>;
  readonly sessions: Pick<Sessions, 'isOn' | 'revision' | 'changed'>;
  readonly time: Pick<Time, 'now' | 'wait'>;
  /** Ends all streams. */
  readonly signal: AbortSignal;
}

/** What the pages show is brought up to date this often, in milliseconds: it has ages. */
const TICK_MS = 30_000;
/** After how long a browser connects again, in milliseconds. */
const RETRY_MS = 1_000;

/** What the pages show, as numbers that increase. */
interface Revision {
  readonly dashboard: number;
  readonly sessions: number;
  readonly tick: number;
}

function revisionNow({ dashboard, sessions, time }: Omit<LiveOptions, 'signal'>): Revision {
  const tick = Math.floor(time.now() / TICK_MS);
  return { dashboard: dashboard.view().revision, sessions: sessions.revision(), tick };
}

/** Returns a text that differs whenever a page would look different. */
export function revisionOf(options: Omit<LiveOptions, 'signal'>): string {
  return textOf(revisionNow(options));
}

function textOf({ dashboard, sessions, tick }: Revision): string {
  return `${dashboard}.${sessions}.${tick}`;
}

/**
 * Creates the handler of a stream of server-sent events.
 *
 * `revision` says that something has changed. `session` asks, once a stream, whether the browser session
 * was counted. It is sent only while telemetry is on, so that a browser stores nothing while it is off.
 */
export function liveEvents(options: LiveOptions): (c: Context) => Response {
  const { dashboard, sessions, time, signal } = options;

  async function changed(than: Revision, ended: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([ended, over.signal]);
    const tick = (than.tick + 1) * TICK_MS - time.now();
    await Promise.race([
      dashboard.changed(than.dashboard, either),
      sessions.changed(than.sessions, either),
      time.wait(tick, either).catch(() => undefined),
    ]);
    over.abort();
  }

  async function stream(events: SSEStreamingApi): Promise<void> {
    const gone = new AbortController();
    events.onAbort(() => gone.abort());
    const ended = AbortSignal.any([signal, gone.signal]);
    let isAsked = false;
    while (!ended.aborted) {
      const now = revisionNow(options);
      await events.writeSSE({ event: 'revision', data: textOf(now), retry: RETRY_MS });
      if (!isAsked && sessions.isOn()) {
        isAsked = true;
        await events.writeSSE({ event: 'session', data: '' });
      }
      await changed(now, ended);
    }
  }

  // A stream without a reader would never end.
  return (c) => (c.req.method === 'HEAD' ? c.body(null) : streamSSE(c, stream));
}
