import type { WatchMonitor, WatchSink, WatchState } from '../cluster/watch-sink.ts';
import { KINDS, type Kind, type Sighting } from '../event.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Notifier } from '../runtime/notifier.ts';
import type { Time } from '../runtime/time.ts';
import type { Health, KindHealth } from './observability/health.ts';

export interface KindRecorderOptions {
  readonly recorder: Recorder;
  readonly health: Health;
  /** Opened when something was acknowledged, so that there may be room again. */
  readonly capacity: Notifier;
  readonly time: Time;
  readonly onState: (kind: Kind, state: WatchState, error?: unknown) => void;
  readonly signal: AbortSignal;
}

export interface KindRecorder {
  readonly sink: WatchSink;
  readonly monitor: WatchMonitor;
}

/** Gives what is seen of the cluster to the book, as fast as the book has room for it. */
export function kindRecorder(options: KindRecorderOptions): KindRecorder {
  const { recorder, health, capacity, time, signal } = options;
  const kindStatus = (kind: Kind): KindHealth => {
    const known = health.kinds.get(kind) ?? newKindStatus(time.steady());
    health.kinds.set(kind, known);
    return known;
  };
  for (const kind of KINDS) health.kinds.set(kind, newKindStatus(time.steady()));

  async function added(sighting: Sighting): Promise<void> {
    while (recorder.capacity() <= 0) {
      await capacity.notified(signal);
      signal.throwIfAborted();
      kindStatus(sighting.kind).turnedAt = time.steady();
    }
    recorder.added(sighting);
  }

  const sink: WatchSink = {
    start: recorder.start,
    consentRevision: recorder.consentRevision,
    listedAtConsent(kind) {
      const { take, complete } = recorder.listedAtConsent(kind);
      return {
        take,
        async complete() {
          complete();
          return true;
        },
      };
    },
    listing(kind) {
      const { take, unknown, complete } = recorder.listing(kind);
      return {
        take,
        async complete() {
          for (const sighting of unknown()) await added(sighting);
          return complete();
        },
      };
    },
    added,
    async deleted(sighting) {
      if (recorder.hasMissed(sighting)) await added(sighting);
    },
    progressed: recorder.progressed,
    absent: recorder.absent,
  };

  const monitor: WatchMonitor = {
    became(kind, state, error) {
      const known = kindStatus(kind);
      known.settled ||= state !== 'failing';
      if (known.state === state) return;
      known.state = state;
      options.onState(kind, state, error);
    },
    restarted(_, reason) {
      health.restarts.set(reason, (health.restarts.get(reason) ?? 0) + 1);
    },
    turned(kind, pauseMs = 0) {
      kindStatus(kind).turnedAt = time.steady() + pauseMs;
    },
  };

  return { sink, monitor };
}

function newKindStatus(turnedAt: number): KindHealth {
  return { state: undefined, settled: false, turnedAt };
}
