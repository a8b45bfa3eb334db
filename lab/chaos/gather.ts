import { createHmac } from 'node:crypto';
import { expectedMessageId } from '../support/expected.ts';
import type { Creation } from '../support/resources.ts';
import { type AuditedCreation, type AuditRecord, readAudit, revisionAt } from './audit.ts';
import {
  type CreationEvidence,
  EPOCH,
  type Evidence,
  epochAt,
  type LedgerState,
  type Restore,
  type Span,
  stamp,
} from './evidence.ts';
import type { Scene } from './scene.ts';
import type { UnseenRemoval, Users } from './users.ts';

export interface GatherOptions {
  /** Those of the run, in UTC, such as `2026-11-23`. */
  readonly days: readonly string[];
  readonly users: Pick<Users, 'unseenRemovals'>;
}

/** Brings together what the API server has noted, what the endpoint has stored and what was done. */
export async function gather(scene: Scene, { days, users }: GatherOptions): Promise<Evidence> {
  const { lab, collector, deeds } = scene;
  const { clusterId } = lab;
  const { restores } = deeds;
  const noted = await readAudit(lab.cp.auditLog, { restores });
  const audit = withUnseen(noted, users.unseenRemovals);
  const creations = allCreations(audit, { created: lab.users.created, restores }).map((one) =>
    withRemoval(one, { audit, clusterId, restores }),
  );
  return {
    creations,
    ledger: audit.ledger,
    ...deeds,
    silences: [...deeds.silences, ...silencesIn(audit.ledger)],
    stored: collector.stored(),
    install: hmac(clusterId, 'install/'),
    heartbeats: days.map((day) => hmac(clusterId, `heartbeat/${day}`)),
  };
}

interface FoundOptions {
  readonly created: readonly Creation[];
  readonly restores: readonly Restore[];
}

/** A creation whose answer was lost in a restart may be missing in the log; users have found it all the same. */
function allCreations(
  audit: AuditRecord,
  { created, restores }: FoundOptions,
): readonly AuditedCreation[] {
  const noted = new Set(audit.creations.map(({ uid }) => uid));
  const more = created
    .filter(({ uid }) => !noted.has(uid))
    .map((creation) => foundByUsers(creation, restores));
  return [...audit.creations, ...new Map(more.map((one) => [one.uid, one])).values()];
}

/** Creation times are whole seconds. */
function foundByUsers(
  { kind, uid, timestamp, resourceVersion }: Creation,
  restores: readonly Restore[],
): AuditedCreation {
  const second = timestamp.slice(0, -1);
  const during = { from: `${second}.000000Z`, to: `${second}.999999Z` };
  return { kind, uid, revision: Number(resourceVersion) + epochAt(during.to, restores), during };
}

/** An API server that is stopped, or whose etcd is, may delete without an answer or a note. */
export function withUnseen(audit: AuditRecord, unseen: readonly UnseenRemoval[]): AuditRecord {
  const more = unseen
    .filter(({ uid }) => !audit.removals.has(uid))
    .map(({ uid, askedAt }) => [uid, revisionAt(askedAt, audit)] as const);
  return { ...audit, removals: new Map([...audit.removals, ...more]) };
}

interface RemovalOptions {
  readonly audit: AuditRecord;
  readonly clusterId: string;
  readonly restores: readonly Restore[];
}

/** Alone, with its CRD or with what a restored etcd does not hold, whatever came first. */
export function withRemoval(creation: AuditedCreation, options: RemovalOptions): CreationEvidence {
  const { audit, clusterId, restores } = options;
  const { uid, kind, revision } = creation;
  const crd = audit.crdRemovals.find((one) => one.kind === kind && revision < one.before);
  const notBefore = (known = Infinity) => Math.max(known, revision);
  const alone = notBefore(unlessRestored(audit.removals.get(uid), revision, restores));
  const withCrd = notBefore(crd?.afterRevision);
  const withRestore = endedBy(revision, restores);
  const removedAfter = Math.min(alone, withCrd, withRestore);
  return {
    ...creation,
    messageId: expectedMessageId(clusterId, creation),
    ...(removedAfter < Infinity && { removedAfter }),
    ...(withCrd < Math.min(alone, withRestore) && { withCrd: true as const }),
    ...(withRestore < Math.min(alone, withCrd) && { withRestore: true as const }),
  };
}

/** A deletion that came after the backup to which etcd was put back has not happened. */
function unlessRestored(
  removal: number | undefined,
  revision: number,
  restores: readonly Restore[],
): number | undefined {
  const isUndone = restores.some(
    ({ backedUp }) =>
      removal !== undefined &&
      revision <= backedUp &&
      removal >= backedUp &&
      removal < endOfEpoch(backedUp),
  );
  return isUndone ? undefined : removal;
}

/** The end of the history that a creation was in, if the backup to which etcd was put back lacks it. */
function endedBy(revision: number, restores: readonly Restore[]): number {
  const lacks = ({ backedUp }: Restore) => revision > backedUp && revision < endOfEpoch(backedUp);
  const restore = restores.find(lacks);
  return restore ? endOfEpoch(restore.backedUp) - 1 : Infinity;
}

function endOfEpoch(revision: number): number {
  return (Math.floor(revision / EPOCH) + 1) * EPOCH;
}

/** A leader reads the ledger at least every 10 s, and what it has sent off by then may arrive late. */
const NOTICED_MS = 15_000;

/**
 * From when every replica must have noticed that the ledger says off, to when it says on again. What
 * was created then must not be told, whatever a replica's own file says.
 */
export function silencesIn(ledger: readonly LedgerState[]): readonly Span[] {
  return ledger.flatMap(({ consent, during }, index) => {
    const next = ledger[index + 1];
    if (consent === 'on' || !next) return [];
    const from = stamp(() => Date.parse(during.to) + NOTICED_MS);
    return from < next.during.from ? [{ from, to: next.during.from }] : [];
  });
}

function hmac(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}
