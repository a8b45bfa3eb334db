import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Kind } from '../../src/event.ts';
import { parseLedger } from '../../src/record/ledger-json.ts';
import { epochAt, type LedgerState, type Restore, type Span } from './evidence.ts';
import { stateOf } from './ledger-state.ts';

/** A creation that the API server has answered. */
export interface AuditedCreation {
  readonly kind: Kind;
  readonly uid: string;
  readonly revision: number;
  readonly during: Span;
}

/** A CRD's deletion goes on after its answer: meanwhile resources are still created, and are removed with it. */
export interface CrdRemoval {
  readonly kind: Kind;
  /** The last `resourceVersion` that is known to be older than the deletion. */
  readonly afterRevision: number;
  /** With which the CRD was created again: of what is older, nothing was left. */
  readonly before: number;
}

/** What the API server has noted of a run. */
export interface AuditRecord {
  readonly creations: readonly AuditedCreation[];
  /** By UID: the last `resourceVersion` that is known to be older than the removal, as in `revisionAt`. */
  readonly removals: ReadonlyMap<string, number>;
  /** How far the cluster's history had come, at each note that told more of it, in their order. */
  readonly revisions: readonly { readonly at: string; readonly revision: number }[];
  /** CRDs that were deleted, in the order of it. */
  readonly crdRemovals: readonly CrdRemoval[];
  readonly ledger: readonly LedgerState[];
}

interface AuditEvent {
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef: { readonly resource: string; readonly name?: string };
  readonly responseStatus?: { readonly code: number };
  readonly requestObject?: { readonly data?: Readonly<Record<string, string>> | null };
  readonly responseObject?: {
    readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string };
    readonly details?: { readonly uid?: string };
  };
}

type Writable = { -readonly [Field in keyof AuditRecord]: Mutable<AuditRecord[Field]> };
type Mutable<Value> =
  Value extends ReadonlyMap<infer Key, infer Item>
    ? Map<Key, Item>
    : Value extends readonly (infer Item)[]
      ? Item[]
      : Value;

const KINDS: Readonly<Record<string, Kind>> = {
  apis: 'API',
  staticroutes: 'StaticRoute',
  envoyfleets: 'EnvoyFleet',
};
const OPERATOR = 'system:serviceaccount:kusk-system:kusk-gateway-telemetry';

/** Reads an audit log that was written by the policy beside this file. The last line may be half-written. */
export async function readAudit(
  file: string,
  { restores = [] }: { readonly restores?: readonly Restore[] } = {},
): Promise<AuditRecord> {
  const record: Writable = {
    creations: [],
    removals: new Map(),
    revisions: [],
    crdRemovals: [],
    ledger: [],
  };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const event = eventIn(line);
    if (event) note({ ...event, restores }, record);
  }
  record.creations.sort((one, other) => one.revision - other.revision);
  return record;
}

/**
 * The highest revision that was noted before a moment. What was asked for then came later than that;
 * of what its answer came after, nothing follows: it may have been carried out long before.
 */
export function revisionAt(moment: string, { revisions }: Pick<AuditRecord, 'revisions'>): number {
  return revisions.findLast(({ at }) => at < moment)?.revision ?? 0;
}

function eventIn(line: string): AuditEvent | undefined {
  try {
    return JSON.parse(line) as AuditEvent;
  } catch {
    return undefined;
  }
}

/** An event, and the restores that say which history it belongs to. */
type DatedEvent = AuditEvent & { readonly restores: readonly Restore[] };

function note(event: DatedEvent, record: Writable): void {
  noteRevision(event, record);
  const { resource } = event.objectRef;
  const kind = KINDS[resource];
  if (kind) noteResource(event, kind, record);
  if (resource === 'configmaps') noteLedger(event, record);
  if (resource === 'customresourcedefinitions') noteCrd(event, record);
}

/** Revisions are the whole cluster's, so any of them shows how far history had come. */
function noteRevision(event: DatedEvent, record: Writable): void {
  const { revisions } = record;
  const { stageTimestamp } = event;
  const revision = revisionOf(event);
  if (revision <= (revisions.at(-1)?.revision ?? 0)) return;
  revisions.push({ at: stageTimestamp, revision });
}

function noteCrd(event: DatedEvent, record: Writable): void {
  const { verb, objectRef } = event;
  const kind = KINDS[objectRef.name?.split('.')[0] ?? ''];
  if (!kind || !isDone(event)) return;
  const { crdRemovals } = record;
  if (verb === 'delete') {
    const afterRevision = revisionAt(event.requestReceivedTimestamp, record);
    crdRemovals.push({ kind, afterRevision, before: Infinity });
  } else {
    const created = revisionOf(event);
    record.crdRemovals = crdRemovals.map((one) =>
      one.kind === kind && one.before === Infinity ? { ...one, before: created } : one,
    );
  }
}

function noteResource(event: DatedEvent, kind: Kind, record: Writable): void {
  const { metadata, details } = event.responseObject ?? {};
  const uid = metadata?.uid ?? details?.uid;
  if (uid === undefined || !isDone(event)) return;
  if (event.verb === 'delete') {
    const afterRevision = revisionAt(event.requestReceivedTimestamp, record);
    record.removals.set(uid, record.removals.get(uid) ?? afterRevision);
  } else {
    const made = { kind, uid, revision: revisionOf(event), during: spanOf(event) };
    record.creations.push(made);
  }
}

function noteLedger(event: DatedEvent, record: Writable): void {
  const { user, requestObject } = event;
  if (user.username !== OPERATOR || !isDone(event)) return;
  const text = requestObject?.data?.['ledger.json'];
  const reading = text === undefined ? undefined : parseLedger(text);
  if (reading?.found !== 'ledger') return;
  const { restores } = event;
  const known = record.revisions.at(-1)?.revision ?? 0;
  record.ledger.push(stateOf(reading.ledger, { during: spanOf(event), restores, known }));
}

/** Of the object that was answered; 0 where there is none. */
function revisionOf(event: DatedEvent): number {
  const revision = Number(event.responseObject?.metadata?.resourceVersion ?? 0);
  return revision === 0 ? 0 : revision + epochAt(event.requestReceivedTimestamp, event.restores);
}

function isDone({ responseStatus }: AuditEvent): boolean {
  return responseStatus !== undefined && responseStatus.code < 300;
}

function spanOf({ requestReceivedTimestamp, stageTimestamp }: AuditEvent): Span {
  return { from: requestReceivedTimestamp, to: stageTimestamp };
}
