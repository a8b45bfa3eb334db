import type { Observer, WatchState } from '../cluster/watch-sink.ts';
import { KINDS, type Kind, type Sighting } from '../event.ts';
import type { Book } from '../record/recorder.ts';
import type { Gate } from '../runtime/notifier.ts';
import type { Time } from '../runtime/time.ts';
import type { KindStatus, Status } from './observability/health.ts';

export interface ObserveOptions {
  readonly book: Book;
  readonly status: Status;
  /** Opened when something was acknowledged, so that there may be room again. */
  readonly room: Gate;
  readonly time: Time;
  readonly onState: (kind: Kind, state: WatchState, error?: unknown) => void;
  readonly signal: AbortSignal;
}

/** Gives what is seen of the cluster to the book, as fast as the book has room for it. */
export function observer(options: ObserveOptions): Observer {
  const { book, status, room, time, signal } = options;
  const kindStatus = (kind: Kind): KindStatus => {
    const known = status.kinds.get(kind) ?? newKindStatus(time.steady());
    status.kinds.set(kind, known);
    return known;
  };
  for (const kind of KINDS) status.kinds.set(kind, newKindStatus(time.steady()));

  async function added(sighting: Sighting): Promise<void> {
    while (book.room() <= 0) {
      await room.passed(signal);
      signal.throwIfAborted();
      kindStatus(sighting.kind).turnedAt = time.steady();
    }
    book.added(sighting);
  }

  return {
    start: book.start,
    origin: book.origin,
    existing(kind) {
      const { take, complete } = book.existing(kind);
      return {
        take,
        async complete() {
          complete();
          return true;
        },
      };
    },
    listing(kind) {
      const { take, unknown, complete } = book.listing(kind);
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
      if (book.hasMissed(sighting)) await added(sighting);
    },
    progressed: book.progressed,
    absent: book.absent,
    became(kind, state, error) {
      const known = kindStatus(kind);
      known.settled ||= state !== 'failing';
      if (known.state === state) return;
      known.state = state;
      options.onState(kind, state, error);
    },
    restarted(_, reason) {
      status.restarts.set(reason, (status.restarts.get(reason) ?? 0) + 1);
    },
    turned(kind, pauseMs = 0) {
      kindStatus(kind).turnedAt = time.steady() + pauseMs;
    },
  };
}

function newKindStatus(turnedAt: number): KindStatus {
  return { state: undefined, settled: false, turnedAt };
}
