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
 * The ledger while it is in use. Decides what is told, and keeps what is not yet acknowledged.
 *
 * Nothing here waits: whoever feeds it asks `room()` first.
 */
export interface Recorder {
  /** The resourceVersion at which the kind's watch goes on, if that is known without a list. */
  readonly start: (kind: Kind) => string | undefined;
  /** The moment at which consent began, if what existed of the kind then is still to be asked. */
  readonly consentRevision: (kind: Kind) => string | undefined;
  /** A list of that very moment begins. None of it is told. */
  readonly listedAtConsent: (kind: Kind) => ConsentListing;
  /** The watch reported a creation. */
  readonly added: (sighting: Sighting) => void;
  /** Whether a resource that is deleted now was created without having been seen. */
  readonly hasMissed: (deleted: Sighting) => boolean;
  /** A list of the kind begins. What is new in it is to be `added`. */
  readonly listing: (kind: Kind) => Listing;
  /** Everything of the kind up to this resourceVersion has been taken in. */
  readonly progressed: (kind: Kind, resourceVersion: string | undefined) => void;
  /** The kind does not exist in this cluster. */
  readonly absent: (kind: Kind) => void;
  /** Tells the install if it was not, and the heartbeats that are due. Gives ms until the next look. */
  readonly tickHeartbeat: (nowMs: number) => number;
  /** How many more happenings it can take now. */
  readonly capacity: () => number;
  readonly unacknowledged: () => number;
  /** The oldest `limit` of what is unacknowledged. */
  readonly pending: (limit: number) => readonly Occurrence[];
  readonly acknowledged: (occurrence: Occurrence) => void;
  /** Keeps a payload that left for the admin to see. */
  readonly sent: (payload: Payload) => void;
  readonly ledger: () => Ledger;
}

/** Opens a ledger in which consent is on. */
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
          // Written soon: that moment can't be asked for long.
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
    absent(kind) {
      if (kinds[kind].absent()) onChange('dirty');
    },
    tickHeartbeat: tickHeartbeat,
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
