import assert from 'node:assert/strict';
import { isLater, type Sighting } from '../../src/event.ts';
import { messageId } from '../../src/record/events.ts';
import {
  firstLedger,
  type Ledger,
  restartConsent,
  withdrawConsent,
} from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';
import { openRecorder, type Recorder } from '../../src/record/recorder.ts';
import type { Change, World } from './world.ts';

export const CLUSTER = 'ab'.repeat(32);
/** Resources a page. */
const PAGE = 7;

/** How the world is followed by one operator after the other, each from a ledger that was written. */
export function follower(world: World) {
  const delivered = new Map<string, number>();
  /** UIDs that need not be told, by the reason that the design gives. */
  const excused = new Set<string>();
  /** What existed when consent began must not be told, but for what was told before. */
  const forbidden = new Set<string>();
  let written: string[] = [];
  let book: Recorder | undefined;
  let position: string | undefined;

  write(firstLedger({ createdAt: world.seconds(), resourceVersion: String(world.revision()) }));
  forbidAllSoFar();

  const now = () => new Date(world.seconds() * 1000).toISOString();

  function write(ledger: Ledger): void {
    written.push(serializeLedger(ledger));
  }

  function lastWritten(): Ledger {
    const reading = parseLedger(written.at(-1) ?? '');
    assert.equal(reading.found, 'ledger');
    return reading.ledger;
  }

  function forbidAllSoFar(): void {
    for (const { uid } of world.resources) {
      if (!delivered.has(idOf(uid))) forbidden.add(uid);
    }
  }

  /** Begins with the last ledger that was written, or as if the last few writes had never been. */
  function start(older = 0): void {
    written = written.slice(0, Math.max(1, written.length - older));
    const ledger = lastWritten();
    if (ledger.consent === 'off') return;
    book = openRecorder(ledger, { clusterId: CLUSTER, onChange: () => undefined });
    const origin = book.consentRevision('API');
    const existed = origin === undefined ? undefined : world.listAt(origin);
    if (existed) takeExisting(book, existed);
    position = book.start('API');
    if (position === undefined) list();
  }

  function takeExisting(by: Recorder, existed: readonly Sighting[]): void {
    const existing = by.listedAtConsent('API');
    for (const page of pagesOf(existed)) existing.take(page);
    existing.complete();
    written = [serializeLedger(by.ledger())];
  }

  /** As the operator does: it waits for room, which only acknowledgements make. */
  function add(to: Recorder, sighting: Sighting): void {
    if (to.capacity() <= 0) acknowledge(1_000);
    to.added(sighting);
  }

  /** Lists; after `limit` new ones it is cut off. */
  function list(limit = Number.POSITIVE_INFINITY): void {
    if (!book) return;
    if (book.ledger().kinds.API.baseline) forbidAllSoFar();
    const revision = String(world.revision());
    if (!listInto(book, limit)) return;
    const goesOnWhereItWas = position !== undefined && !isLater(position, revision);
    if (goesOnWhereItWas) return;
    position = revision;
    book.progressed('API', revision);
  }

  /** Returns whether all of it was taken in, over as many lists as that takes. */
  function listInto(to: Recorder, limit: number): boolean {
    const listing = to.listing('API');
    for (const page of pagesOf(world.list())) listing.take(page);
    const unknown = listing.unknown();
    for (const sighting of unknown.slice(0, limit)) add(to, sighting);
    if (unknown.length > limit) return false;
    return listing.complete() || listInto(to, limit - unknown.length);
  }

  function watch(limit: number): void {
    const changes = position === undefined ? undefined : world.watch(position, limit);
    if (book && changes) take(book, changes);
    else relistAfter410();
  }

  function take(into: Recorder, changes: readonly Change[]): void {
    for (const { revision, created } of changes) {
      if (created) add(into, world.seenNow(created));
      position = String(revision);
      into.progressed('API', position);
    }
  }

  /**
   * What nobody can know: it was created and deleted inside a window that a 410 erased, or no clock
   * is right while it is listed.
   */
  function relistAfter410(): void {
    if (!book) return;
    for (const { uid, bornAt, deletedAt } of world.resources) {
      const isHidden = deletedAt !== undefined || world.isAhead();
      if (isHidden && bornAt > Number(position ?? 0)) excused.add(uid);
    }
    position = undefined;
    list();
  }

  function acknowledge(count: number): void {
    for (const occurrence of book?.pending(count) ?? []) {
      const id = messageId(CLUSTER, occurrence);
      delivered.set(id, (delivered.get(id) ?? 0) + 1);
      book?.acknowledged(occurrence);
    }
  }

  return {
    delivered,
    excused,
    forbidden,
    start,
    list,
    watch,
    acknowledge,
    isUp: () => book !== undefined,
    persist(): void {
      if (book) write(book.ledger());
    },
    crash(): void {
      book = undefined;
    },
    /** What is pending is dropped, and what exists at the next list is not told. */
    switchOff(): void {
      book = undefined;
      const ledger = lastWritten();
      if (ledger.consent === 'off') return;
      forbidAllSoFar();
      written = [];
      write(withdrawConsent(ledger, now()));
    },
    switchOn(): void {
      const ledger = lastWritten();
      if (ledger.consent === 'on') return;
      written = [];
      write(restartConsent(ledger, now()));
    },
  };
}

export type Follower = ReturnType<typeof follower>;

/** As an API server gives them: in an order that has nothing to do with creation. */
function pagesOf(list: readonly Sighting[]): readonly (readonly Sighting[])[] {
  const byName = list.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const count = Math.ceil(byName.length / PAGE);
  return Array.from({ length: count }, (_, index) =>
    byName.slice(index * PAGE, (index + 1) * PAGE),
  );
}

const nameOf = ({ uid }: Sighting) => [...uid].reverse().join('');

function idOf(uid: string): string {
  return messageId(CLUSTER, { name: 'api-created', subject: uid });
}
