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
/** Resources per page. */
const PAGE = 7;

/** Follows the world with one operator after the other, each from a stored ledger. */
export function follower(world: World) {
  const delivered = new Map<string, number>();
  /** UIDs that need not be delivered, for a reason of the design. */
  const excused = new Set<string>();
  /** UIDs that existed when consent began and must not be delivered, unless they were before. */
  const forbidden = new Set<string>();
  let written: string[] = [];
  let recorder: Recorder | undefined;
  let position: string | undefined;
  /** Where the last watch ended, while there is no `position`. */
  let endedAt = '0';

  write(firstLedger({ createdAt: world.seconds(), resourceVersion: String(world.revision()) }));
  forbidAllExisting();

  const now = () => new Date(world.seconds() * 1000).toISOString();

  function write(ledger: Ledger): void {
    written.push(serializeLedger(ledger));
  }

  function lastWritten(): Ledger {
    const reading = parseLedger(written.at(-1) ?? '');
    assert.equal(reading.found, 'ledger');
    return reading.ledger;
  }

  function forbidAllExisting(): void {
    for (const { uid } of world.resources) {
      if (!delivered.has(idOf(uid))) forbidden.add(uid);
    }
  }

  /** Starts from the last stored ledger, or from an `older` one, as if later writes were lost. */
  function start(older = 0): void {
    written = written.slice(0, Math.max(1, written.length - older));
    const ledger = lastWritten();
    if (ledger.consent === 'off') return;
    recorder = openRecorder(ledger, { clusterId: CLUSTER, onChange: () => undefined });
    const revision = recorder.consentRevision('API');
    const existed = revision === undefined ? undefined : world.listAt(revision);
    if (existed) takeListedAtConsent(recorder, existed);
    position = recorder.start('API');
    endedAt = position ?? '0';
    if (position === undefined) list();
  }

  function takeListedAtConsent(by: Recorder, existed: readonly Sighting[]): void {
    const existing = by.listedAtConsent('API');
    for (const page of pagesOf(existed)) existing.take(page);
    existing.complete();
    written = [serializeLedger(by.ledger())];
  }

  /** Adds a creation like the operator, which waits for capacity first. */
  function add(to: Recorder, sighting: Sighting): void {
    if (to.capacity() <= 0) acknowledge(1_000);
    to.added(sighting);
  }

  /** Lists. The list is interrupted after `limit` new resources. */
  function list(limit = Number.POSITIVE_INFINITY): void {
    if (!recorder) return;
    if (recorder.ledger().kinds.API.baseline) forbidAllExisting();
    if (world.isServed()) listServed(recorder, limit);
    else findMissing(recorder);
  }

  function listServed(by: Recorder, limit: number): void {
    if (position === undefined) excuseUnseen();
    const revision = String(world.revision());
    if (!listInto(by, limit)) return;
    const isAlreadyThere = position !== undefined && !isLater(position, revision);
    if (isAlreadyThere) return;
    position = revision;
    by.progressed('API', revision);
  }

  /** Lists until all resources are known. Returns whether it was completed. */
  function listInto(to: Recorder, limit: number): boolean {
    const listing = to.listing('API');
    for (const page of pagesOf(world.list())) listing.take(page);
    const unknown = listing.unknown();
    for (const sighting of unknown.slice(0, limit)) add(to, sighting);
    if (unknown.length > limit) return false;
    return listing.complete() || listInto(to, limit - unknown.length);
  }

  /** Looks for a kind that is not served, twice. */
  function findMissing(by: Recorder): void {
    const first = world.seconds();
    world.pass(5);
    by.absent('API', first);
    endedAt = position ?? endedAt;
    position = undefined;
  }

  function watch(limit: number): void {
    const from = world.isServed() ? position : undefined;
    const changes = from === undefined ? undefined : world.watch(from, limit);
    if (recorder && changes) take(recorder, changes);
    else relist();
  }

  function take(into: Recorder, changes: readonly Change[]): void {
    for (const { revision, created } of changes) {
      if (created) add(into, world.seenNow(created));
      position = String(revision);
      into.progressed('API', position);
    }
  }

  function relist(): void {
    endedAt = position ?? endedAt;
    position = undefined;
    list();
  }

  /**
   * Excuses what can't be decided: resources that were created and deleted since the last watch ended, or
   * that are listed while no clock is right.
   */
  function excuseUnseen(): void {
    for (const { uid, createdIn, deletedAt } of world.resources) {
      const isHidden = deletedAt !== undefined || world.isAhead();
      if (isHidden && createdIn > Number(endedAt)) excused.add(uid);
    }
  }

  function acknowledge(count: number): void {
    for (const occurrence of recorder?.pending(count) ?? []) {
      const id = messageId(CLUSTER, occurrence);
      delivered.set(id, (delivered.get(id) ?? 0) + 1);
      recorder?.acknowledged(occurrence);
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
    isUp: () => recorder !== undefined,
    /** The ledger as it was written last. */
    ledger: lastWritten,
    persist(): void {
      if (recorder) write(recorder.ledger());
    },
    crash(): void {
      recorder = undefined;
    },
    /** Drops pending events. What exists at the next list must not be delivered. */
    switchOff(): void {
      recorder = undefined;
      const ledger = lastWritten();
      if (ledger.consent === 'off') return;
      forbidAllExisting();
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

/** Returns pages in an order that is unrelated to creation, like an API server. */
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
