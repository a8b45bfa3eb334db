import type { Message, TelemetryEvent } from '../../event.ts';
import type { Batch } from '../ingest/batch.ts';
import type { Snapshot } from './snapshot.ts';

export interface RecordOptions {
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** How many events of a batch were stored, and how many were stored before. */
export interface Recorded {
  readonly accepted: number;
  readonly duplicates: number;
}

/** An event, and when a collector or Segment received it. */
export interface ArrivedEvent extends RecordOptions {
  readonly event: TelemetryEvent;
}

export interface RemoveEventsOptions {
  /** Only events that were received before it, in milliseconds since the epoch. */
  readonly before: number;
}

export interface Page {
  /** The `seq` of the last event of the page before. Empty for the first page. */
  readonly after: string;
  readonly limit: number;
}

/** A stored event: its payload, and when it was received. */
export interface StoredEvent extends Message {
  /** Its place in the order of pages: a number that increases with the arrival, or the `messageId`. */
  readonly seq: number | string;
  /** The UTC day that it counts for. */
  readonly day: string;
  /** ISO 8601 in UTC. */
  readonly receivedAt: string;
}

/**
 * The received events.
 *
 * Every method rejects with a `StoreUnavailable` if the same call can succeed later, and with another
 * error if the store has failed.
 */
export interface Store {
  /**
   * Stores each event whose `messageId` is new, and counts the duplicates and refusals.
   *
   * Stores the whole batch or nothing. The batch is on disk when this resolves.
   */
  readonly record: (batch: Batch, options: RecordOptions) => Promise<Recorded>;
  /** Resolves with the result of `work`, which reads from one moment of the store and must not wait. */
  readonly read: <T>(work: (snapshot: Snapshot) => T) => Promise<T>;
  /** Resolves with one page of events, in an order of the store. Rejects with a `PlaceError` if `after` is none of its places. */
  readonly events: (page: Page) => Promise<readonly StoredEvent[]>;
  /**
   * Stores events of another store as `record` does. Those that are stored already count as duplicates in the
   * result only.
   */
  readonly importEvents: (events: readonly ArrivedEvent[]) => Promise<Recorded>;
  /**
   * Removes some of the oldest single events. Resolves with how many: 0 if none is left that can be removed now.
   *
   * The numbers stay, and a repeat of a removed event is still a duplicate.
   */
  readonly removeEvents: (options: RemoveEventsOptions) => Promise<number>;
  /** Runs a small query. Rejects if events can't be read. */
  readonly check: () => Promise<void>;
  /** Rejects if only a restart of the process can help. Never waits for another machine. */
  readonly checkProcess: () => Promise<void>;
  /** Completes what is written and closes the store. */
  readonly close: () => Promise<void>;
}

/** The store cannot be used. The message names it and says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** The store is there but cannot do this now. The message is for the sender, and names no secret. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A page was requested after something that is not in this store. */
export class PlaceError extends Error {
  override readonly name = 'PlaceError';
  override readonly message =
    'That is no "seq" of this store: write the one of an event that it returned, or 0.';
}
