import { discovery } from '../cluster/discover.ts';
import { reflect } from '../cluster/reflect.ts';
import { sightingReader } from '../cluster/sighting-reader.ts';
import {
  WATCHING,
  type WatchMonitor,
  type WatchSink,
  type WatchState,
} from '../cluster/watch-sink.ts';
import { KINDS, type Kind, type Sighting } from '../event.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Notifier } from '../runtime/notifier.ts';
import { runAll } from '../runtime/run.ts';
import type { OperatorDependencies } from './dependencies.ts';
import type { Health, KindHealth } from './observability/health.ts';

type WatchDependencies = Pick<OperatorDependencies, 'request' | 'time' | 'random' | 'recovery'>;

export interface WatchKindsOptions extends WatchDependencies {
  readonly recorder: Recorder;
  readonly health: Health;
  /** Notified when the recorder may accept more events. */
  readonly capacity: Notifier;
  /** Called for each failure of a watch, and for every other state when it changes. */
  readonly onState: (kind: Kind, state: WatchState, error?: unknown) => void;
}

/** Watches all kinds over one connection and records their creations. Resolves when aborted. */
export async function watchKinds(options: WatchKindsOptions, signal: AbortSignal): Promise<void> {
  const { request, time, random, recovery } = options;
  const monitor = kindMonitor(options);
  const watching = {
    ...WATCHING,
    ...{ request, time, recovery, reader: sightingReader },
    discover: discovery({ request, time }),
    backoff: { ...WATCHING.retry, random },
    sink: kindSink(options, monitor, signal),
    monitor,
  };
  await runAll(
    KINDS.map((kind) => (each: AbortSignal) => reflect(kind, watching, each)),
    signal,
  );
}

/** Records what the watches report. Waits while the recorder has no capacity. */
function kindSink(
  { recorder, capacity }: WatchKindsOptions,
  { turned, settled }: KindMonitor,
  signal: AbortSignal,
): WatchSink {
  async function added(sighting: Sighting): Promise<void> {
    while (recorder.capacity() <= 0) {
      // The kind is listed, or watched. Only the endpoint delays what follows.
      settled(sighting.kind);
      await capacity.notified(signal);
      signal.throwIfAborted();
      turned(sighting.kind);
    }
    recorder.added(sighting);
  }

  return {
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
}

interface KindMonitor extends WatchMonitor {
  /** Called when a kind is listed, even if nothing of it can be recorded yet. */
  readonly settled: (kind: Kind) => void;
}

/** Keeps the health of each kind up to date. */
function kindMonitor({ health, time, onState }: WatchKindsOptions): KindMonitor {
  const newKindHealth = (): KindHealth => ({
    state: undefined,
    settled: false,
    progressAt: time.steady(),
  });
  const healthOf = (kind: Kind): KindHealth => {
    const current = health.kinds.get(kind) ?? newKindHealth();
    health.kinds.set(kind, current);
    return current;
  };
  for (const kind of KINDS) health.kinds.set(kind, newKindHealth());

  return {
    became(kind, state, error) {
      const current = healthOf(kind);
      current.settled ||= state !== 'failing';
      if (current.state === state && state !== 'failing') return;
      current.state = state;
      onState(kind, state, error);
    },
    settled(kind) {
      healthOf(kind).settled = true;
    },
    restarted(_, reason) {
      health.restarts.set(reason, (health.restarts.get(reason) ?? 0) + 1);
    },
    turned(kind, pauseMs = 0) {
      healthOf(kind).progressAt = time.steady() + pauseMs;
    },
  };
}
