import { CREATED, KINDS, type Kind } from '../event.ts';
import { type Birth, type KindLedger, RECENT_LIMIT } from './creations.ts';
import type { Happening, HappeningName } from './identity.ts';
import { everyKind, type Ledger, PENDING_LIMIT, SENT_LIMIT } from './ledger.ts';
import {
  array,
  boundedText,
  fields,
  nonNegative,
  oneOf,
  optional,
  packUid,
  Unreadable,
  unpackUid,
} from './ledger-fields.ts';

/** The format that this program writes. A higher one was written by a newer program. */
export const LEDGER_VERSION = 1;

/** Some more than `PENDING_LIMIT`: the install and heartbeats do not wait for room. */
const PENDING_READ_LIMIT = PENDING_LIMIT + 100;
/** What a ConfigMap can hold (https://kubernetes.io/docs/concepts/configuration/configmap/). */
const TEXT_LIMIT = 1_048_576;

/** What was found where the ledger should be. */
export type Reading =
  | { readonly found: 'ledger'; readonly ledger: Ledger }
  | { readonly found: 'newer'; readonly version: number }
  | { readonly found: 'damage'; readonly problem: string };

/** The ledger as the text of one ConfigMap key: JSON, UIDs and times packed. */
export function writeLedger(ledger: Ledger): string {
  return JSON.stringify({
    version: LEDGER_VERSION,
    consent: ledger.consent,
    since: ledger.since,
    installed: ledger.installed,
    heartbeat: ledger.heartbeat,
    kinds: everyKind((kind) => writeKind(ledger.kinds[kind])),
    pending: writePending(ledger.pending),
    sent: ledger.sent,
  });
}

/** Reads what `writeLedger` wrote, and trusts nothing: people edit ConfigMaps. */
export function readLedger(text: string): Reading {
  try {
    if (text.length > TEXT_LIMIT) throw new Unreadable(`it has ${text.length} characters`);
    const root = fields(parse(text), 'the ledger');
    const version = nonNegative(root.version, 'version');
    if (version > LEDGER_VERSION) return { found: 'newer', version };
    return { found: 'ledger', ledger: readRoot(root) };
  } catch (error) {
    if (error instanceof Unreadable) return { found: 'damage', problem: error.message };
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable('it is not JSON');
  }
}

function readRoot(root: Readonly<Record<string, unknown>>): Ledger {
  const heartbeat = fields(root.heartbeat, 'heartbeat');
  const kinds = fields(root.kinds, 'kinds');
  return {
    consent: oneOf(root.consent, ['on', 'off'], 'consent'),
    since: moment(root.since),
    installed: oneOf(root.installed, [true, false], 'installed'),
    heartbeat: {
      told: array(heartbeat.told, { limit: 16, name: 'heartbeat.told' }).map(day),
      untold: array(heartbeat.untold, { limit: 16, name: 'heartbeat.untold' }).map(day),
    },
    kinds: everyKind((kind) => readKind(fields(kinds[kind], `kinds.${kind}`), kind)),
    pending: readPending(fields(root.pending, 'pending')),
    sent: array(root.sent, { limit: SENT_LIMIT, name: 'sent' }).map((payload) =>
      fields(payload, 'sent'),
    ),
  };
}

function writeKind(ledger: KindLedger): unknown {
  return { ...ledger, recent: [...ledger.recent].map(([uid, at]) => packed(uid, at)) };
}

function readKind(ledger: Readonly<Record<string, unknown>>, kind: Kind): KindLedger {
  const name = `kinds.${kind}`;
  const recent = array(ledger.recent, { limit: RECENT_LIMIT, name: `${name}.recent` });
  return {
    resourceVersion: optional(ledger.resourceVersion, revision),
    baseline: oneOf(ledger.baseline, [true, false], `${name}.baseline`),
    watermark: nonNegative(ledger.watermark, `${name}.watermark`),
    floor: nonNegative(ledger.floor, `${name}.floor`),
    recent: new Map(recent.map(unpacked)),
    birth: optional(ledger.birth, readBirth),
    exact: oneOf(ledger.exact, [true, false], `${name}.exact`),
    synced: oneOf(ledger.synced, [true, false], `${name}.synced`),
  };
}

function readBirth(value: unknown): Birth {
  const birth = fields(value, 'birth');
  return {
    createdAt: nonNegative(birth.createdAt, 'birth.createdAt'),
    resourceVersion: revision(birth.resourceVersion),
  };
}

/** By event name; a creation's subject is a UID, any other's is short. */
function writePending(pending: readonly Happening[]): unknown {
  const byName = Object.groupBy(pending, ({ name }) => name);
  return Object.fromEntries(
    Object.entries(byName).map(([name, happenings = []]) => [
      name,
      happenings.map(({ subject, at }) => packed(subject, at)),
    ]),
  );
}

const TOLD: readonly HappeningName[] = [
  'install',
  'heartbeat',
  ...KINDS.map((kind) => CREATED[kind]),
];

function readPending(byName: Readonly<Record<string, unknown>>): readonly Happening[] {
  return Object.entries(byName).flatMap(([name, happenings]) => {
    const known = oneOf(name, TOLD, 'pending');
    return array(happenings, { limit: PENDING_READ_LIMIT, name: `pending.${name}` }).map((item) => {
      const [subject, at] = unpacked(item);
      return { name: known, subject, at };
    });
  });
}

function packed(uid: string, at: number): string {
  return `${packUid(uid)}:${at.toString(36)}`;
}

function unpacked(item: unknown): readonly [string, number] {
  // Seven digits of base 36 reach to the year 4453: an edited one is a date all the same.
  const [, uid, at] =
    /^([\w-]{0,64}):([0-9a-z]{1,7})$/.exec(boundedText(item, 'a packed UID')) ?? [];
  if (uid === undefined || at === undefined) throw new Unreadable('a packed UID is malformed');
  return [unpackUid(uid), Number.parseInt(at, 36)];
}

function day(value: unknown): string {
  const text = boundedText(value, 'a day');
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && Date.parse(text) >= 0) return text;
  throw new Unreadable('a day is not YYYY-MM-DD');
}

function moment(value: unknown): string {
  const text = boundedText(value, 'since');
  if (/^[12]\d{3}-\d{2}-\d{2}T/.test(text) && Date.parse(text) >= 0) return text;
  throw new Unreadable('since is not a time');
}

function revision(value: unknown): string {
  const text = boundedText(value, 'a resourceVersion');
  if (text === '') throw new Unreadable('a resourceVersion is empty');
  return text;
}
