import { createHmac } from 'node:crypto';
import { expectedMessageId } from '../../test/support/expected.ts';
import type { Creation } from '../../test/support/resources.ts';
import { type AuditedCreation, type AuditRecord, readAudit, revisionAt } from './audit.ts';
import type { Evidence, Made } from './evidence.ts';
import type { Scene } from './scene.ts';
import type { UnseenRemoval, Users } from './users.ts';

export interface GatherOptions {
  /** Those of the run, in UTC, such as `2026-11-23`. */
  readonly days: readonly string[];
  readonly users: Pick<Users, 'unseenRemovals'>;
}

/** Brings together what the API server has noted, what the receiver has stored and what was done. */
export async function gather(scene: Scene, { days, users }: GatherOptions): Promise<Evidence> {
  const { lab, collector, deeds } = scene;
  const { clusterId } = lab;
  const audit = withUnseen(await readAudit(lab.cp.auditLog), users.unseenRemovals);
  const creations = allCreations(audit, lab.users.created).map((one) =>
    withRemoval(one, { audit, clusterId }),
  );
  return {
    creations,
    ledger: audit.ledger,
    ...deeds,
    stored: collector.stored(),
    install: hmac(clusterId, 'install/'),
    heartbeats: days.map((day) => hmac(clusterId, `heartbeat/${day}`)),
  };
}

/** A creation whose answer was lost in a restart may be missing in the log; users have found it all the same. */
function allCreations(
  audit: AuditRecord,
  created: readonly Creation[],
): readonly AuditedCreation[] {
  const noted = new Set(audit.creations.map(({ uid }) => uid));
  const more = created.filter(({ uid }) => !noted.has(uid)).map(foundByUsers);
  return [...audit.creations, ...new Map(more.map((one) => [one.uid, one])).values()];
}

/** Creation times are whole seconds. */
function foundByUsers({ kind, uid, timestamp, resourceVersion }: Creation): AuditedCreation {
  const second = timestamp.slice(0, -1);
  const during = { from: `${second}.000000Z`, to: `${second}.999999Z` };
  return { kind, uid, revision: Number(resourceVersion), during };
}

/** An API server that is stopped, or whose etcd is, may delete without an answer or a note. */
export function withUnseen(audit: AuditRecord, unseen: readonly UnseenRemoval[]): AuditRecord {
  const more = unseen
    .filter(({ uid }) => !audit.removals.has(uid))
    .map(({ uid, askedAt }) => [uid, revisionAt(askedAt, audit)] as const);
  return { ...audit, removals: new Map([...audit.removals, ...more]) };
}

/** Alone or with its CRD, whatever came first. */
export function withRemoval(
  creation: AuditedCreation,
  { audit, clusterId }: { readonly audit: AuditRecord; readonly clusterId: string },
): Made {
  const { uid, kind, revision } = creation;
  const crd = audit.crdRemovals.find((one) => one.kind === kind && revision < one.before);
  const notBefore = (known = Infinity) => Math.max(known, revision);
  const alone = notBefore(audit.removals.get(uid));
  const withCrd = notBefore(crd?.afterRevision);
  const removedAfter = Math.min(alone, withCrd);
  return {
    ...creation,
    messageId: expectedMessageId(clusterId, creation),
    ...(removedAfter < Infinity && { removedAfter }),
    ...(withCrd < alone && { withCrd: true as const }),
  };
}

function hmac(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}
