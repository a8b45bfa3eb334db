import { CREATED, type Kind, type Sighting, utcDay } from '../event.ts';
import { type Creations, creations } from './creations.ts';
import type { Occurrence } from './events.ts';
import { heartbeatStep, slotMoment, slotOf } from './heartbeat.ts';
import { trustedTime } from './known-resources.ts';
import { everyKind, type Ledger, type Payload, PENDING_LIMIT, SENT_LIMIT } from './ledger.ts';
import type { ConsentListing, Listing } from './listing.ts';

export interface RecorderOptions {
  readonly clusterId: string;
  readonly onChange: (change: RecorderChange) => void;
}

/**
 * What has changed in the ledger:
 *
 * - `enqueued`: an event is pending that was not.
 * - `acknowledged`: an event is no longer pending.
 * - `dirty`: the ledger has to be written soon, but there is no new event.
 * - `checkpoint`: a watch has made progress. It may be lost, as a restart replays it.
 */
export type RecorderChange = 'enqueued' | 'acknowledged' | 'dirty' | 'checkpoint';

/**
 * The ledger in use. It decides which occurrences are enqueued, and keeps them until acknowledged.
 *
 * Nothing here blocks. The caller checks `capacity()` before it adds a creation.
 */
export interface Recorder {
  /** Returns the resourceVersion to watch the kind from, or `undefined` if a list is needed first. */
  readonly start: (kind: Kind) => string | undefined;
  /** Returns the resourceVersion at which consent began if the kind has yet to be listed there. */
  readonly consentRevision: (kind: Kind) => string | undefined;
  /** Starts the list at `consentRevision`. What it shows is not counted. */
  readonly listedAtConsent: (kind: Kind) => ConsentListing;
  /** Enqueues a creation if it is new. */
  readonly added: (sighting: Sighting) => void;
  /** Returns whether a deleted resource was created since consent began but never seen. */
  readonly hasMissed: (deleted: Sighting) => boolean;
  /** Starts a list of the kind. The caller passes its new resources to `added`. */
  readonly listing: (kind: Kind) => Listing;
  /** Records that everything of the kind up to this resourceVersion was added. */
  readonly progressed: (kind: Kind, resourceVersion: string | undefined) => void;
  /** Records that the kind did not exist in this cluster at a time, in seconds since the epoch. */
  readonly absent: (kind: Kind, at: number) => void;
  /** Enqueues the install event (once) and any due heartbeats. Returns the delay until the next check, in ms. */
  readonly tickHeartbeat: (nowMs: number) => number;
  /** Returns how many more occurrences fit. It is negative if the install or heartbeats exceed it. */
  readonly capacity: () => number;
  readonly unacknowledged: () => number;
  /** Returns the oldest `limit` occurrences that are not acknowledged. */
  readonly pending: (limit: number) => readonly Occurrence[];
  readonly acknowledged: (occurrence: Occurrence) => void;
  /** Keeps a payload that the endpoint has acknowledged, for the administrator to read. */
  readonly sent: (payload: Payload) => void;
  readonly ledger: () => Ledger;
}

/** Continues from a ledger whose consent is on. */
export function openRecorder(from: Ledger, { clusterId, onChange }: RecorderOptions): Recorder {
  const since = Date.parse(from.since) / 1000;
  const kinds = everyKind((kind): Creations => creations(from.kinds[kind], { since }));
  const pending = new Map(from.pending.map((occurrence) => [keyOf(occurrence), occurrence]));
  const sent = [...from.sent];
  const slot = slotOf(clusterId);
  let { installed, heartbeat } = from;

  function enqueue(occurrence: Occurrence): void {
    pending.set(keyOf(occurrence), occurrence);
    onChange('enqueued');
  }

  function tickHeartbeat(nowMs: number): number {
    if (!installed) {
      installed = true;
      enqueue({ name: 'install', subject: '', at: Math.floor(Date.parse(from.since) / 1000) });
    }
    const step = heartbeatStep(heartbeat, { nowMs, slot });
    if (String(step.ledger.outstanding) !== String(heartbeat.outstanding)) onChange('dirty');
    heartbeat = step.ledger;
    for (const day of step.due) {
      const at = Math.floor((day === utcDay(nowMs) ? nowMs : slotMoment(day, slot)) / 1000);
      enqueue({ name: 'heartbeat', subject: day, at });
    }
    return step.waitMs;
  }

  return {
    start: (kind) => kinds[kind].start(),
    consentRevision: (kind) => kinds[kind].consentRevision(),
    listedAtConsent(kind) {
      const existing = kinds[kind].listedAtConsent();
      return {
        take: existing.take,
        complete() {
          existing.complete();
          // To be written soon: the API server keeps that resourceVersion for a few minutes only.
          onChange('dirty');
        },
      };
    },
    added(sighting) {
      const { kind, uid } = sighting;
      const isNew = kinds[kind].added(sighting);
      kinds[kind].remember(sighting);
      if (isNew) enqueue({ name: CREATED[kind], subject: uid, at: trustedTime(sighting) });
    },
    hasMissed: (deleted) => kinds[deleted.kind].hasMissed(deleted),
    listing: (kind) => kinds[kind].listing(),
    progressed(kind, resourceVersion) {
      onChange(kinds[kind].progressed(resourceVersion) ? 'dirty' : 'checkpoint');
    },
    absent(kind, at) {
      if (kinds[kind].absent(at)) onChange('dirty');
    },
    tickHeartbeat,
    capacity: () => PENDING_LIMIT - pending.size,
    unacknowledged: () => pending.size,
    pending: (limit) => pending.values().take(limit).toArray(),
    acknowledged(occurrence) {
      pending.delete(keyOf(occurrence));
      onChange('acknowledged');
    },
    sent(payload) {
      sent.push(payload);
      if (sent.length > SENT_LIMIT) sent.shift();
    },
    ledger: () => ({
      cluster: clusterId,
      consent: 'on',
      since: from.since,
      installed,
      heartbeat,
      kinds: everyKind((kind) => kinds[kind].ledger()),
      pending: [...pending.values()],
      sent: [...sent],
      carried: from.carried,
    }),
  };
}

function keyOf({ name, subject }: Occurrence): string {
  return `${name}/${subject}`;
}
