import { KINDS, type Kind } from '../event.ts';
import { readHistory, readMoment, revision, writeHistory } from './counted-history-json.ts';
import { RECENT_LIMIT } from './creations.ts';
import { carriedOf } from './foreign-members.ts';
import { DAYS_KEPT } from './heartbeat.ts';
import {
  array,
  boundedText,
  fields,
  isDeeperThan,
  MalformedLedgerError,
  nonNegative,
  oneOf,
  optional,
  packed,
  unpacked,
} from './json-fields.ts';
import { baselineAtNextList, type KindLedger } from './kind-ledger.ts';
import { everyKind, type Ledger, SENT_LIMIT } from './ledger.ts';
import { OWN_NAMES, pendingIn, readPending, writePending } from './ledger-pending.ts';

/**
 * The format that this program writes. A newer program may write a higher one.
 *
 * Raise it only for a change that older programs must not read. A new field is optional: its reader
 * defines what its absence means, and older programs ignore it.
 *
 * @see docs/adr/0009-ledgers-of-other-versions-and-clusters.md
 */
export const LEDGER_VERSION = 1;

/** The size limit of a ConfigMap (https://kubernetes.io/docs/concepts/configuration/configmap/). */
const TEXT_LIMIT = 1_048_576;
/** The ledger is nested five deep. A newer version's may be deeper. */
const DEPTH_LIMIT = 32;

/** The result of reading a ledger. */
export type Reading =
  | { readonly found: 'ledger'; readonly ledger: Ledger }
  | { readonly found: 'newer'; readonly version: number }
  | { readonly found: 'damage'; readonly problem: string };

/** Returns the ledger as JSON for one key of a ConfigMap, with packed UIDs and times. */
export function serializeLedger(ledger: Ledger): string {
  return JSON.stringify({
    version: LEDGER_VERSION,
    cluster: ledger.cluster,
    consent: ledger.consent,
    since: ledger.since,
    installed: ledger.installed,
    heartbeat: { told: ledger.heartbeat.recorded, untold: ledger.heartbeat.outstanding },
    kinds: { ...ledger.carried.kinds, ...everyKind((kind) => writeKind(ledger.kinds[kind])) },
    ...writePending(ledger),
    sent: ledger.sent,
  });
}

/** Reads the text of `serializeLedger`. It checks everything, because people edit ConfigMaps. */
export function parseLedger(text: string): Reading {
  try {
    if (text.length > TEXT_LIMIT)
      throw new MalformedLedgerError(`it has ${text.length} characters`);
    const root = fields(parse(text), 'the ledger');
    const version = nonNegative(root.version, 'version');
    if (version > LEDGER_VERSION) return { found: 'newer', version };
    return { found: 'ledger', ledger: readRoot(root) };
  } catch (error) {
    if (error instanceof MalformedLedgerError) return { found: 'damage', problem: error.message };
    throw error;
  }
}

function parse(text: string): unknown {
  const value = parseJson(text);
  if (isDeeperThan(value, DEPTH_LIMIT)) throw new MalformedLedgerError('it is nested too deeply');
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedLedgerError('it is not JSON');
  }
}

function readRoot(root: Readonly<Record<string, unknown>>): Ledger {
  const heartbeat = fields(root.heartbeat, 'heartbeat');
  const kinds = fields(root.kinds, 'kinds');
  const pending = pendingIn(root);
  return {
    cluster: optional(root.cluster, clusterHash),
    consent: oneOf(root.consent, ['on', 'off'], 'consent'),
    since: moment(root.since),
    installed: oneOf(root.installed, [true, false], 'installed'),
    heartbeat: {
      recorded: array(heartbeat.told, { limit: DAYS_KEPT, name: 'heartbeat.told' }).map(day),
      outstanding: array(heartbeat.untold, { limit: DAYS_KEPT, name: 'heartbeat.untold' }).map(day),
    },
    kinds: everyKind((kind) => readKind(kinds[kind], kind)),
    pending: readPending(pending),
    sent: array(root.sent, { limit: SENT_LIMIT, name: 'sent' }).map((payload) =>
      fields(payload, 'sent'),
    ),
    carried: {
      kinds: carriedOf(kinds, { known: KINDS }),
      pending: carriedOf(pending, { known: OWN_NAMES }),
    },
  };
}

/** The keys are those of version 0.1.0, and later ones that it ignores. */
function writeKind(ledger: KindLedger): unknown {
  const { resourceVersion, baseline, watermark, floor, recent, synced } = ledger;
  return {
    resourceVersion,
    baseline,
    watermark,
    floor,
    recent: [...recent].map(([uid, at]) => packed(uid, at)),
    birth: ledger.consentStart,
    exact: ledger.snapshotTaken,
    synced,
    baselineAt: ledger.baselineAt,
    earlier: writeHistory(ledger.earlier, { isFirst: ledger.consentStart !== undefined }),
  };
}

/** A kind that an older version did not count is absent. What its next list shows is not counted. */
function readKind(value: unknown, kind: Kind): KindLedger {
  if (value === undefined) return baselineAtNextList();
  const name = `kinds.${kind}`;
  const ledger = fields(value, name);
  const consentStart = optional(ledger.birth, (birth) => readMoment(birth, 'birth'));
  const recent = array(ledger.recent, { limit: RECENT_LIMIT, name: `${name}.recent` });
  return {
    resourceVersion: optional(ledger.resourceVersion, revision),
    baseline: oneOf(ledger.baseline, [true, false], `${name}.baseline`),
    watermark: nonNegative(ledger.watermark, `${name}.watermark`),
    floor: nonNegative(ledger.floor, `${name}.floor`),
    recent: new Map(recent.map(unpacked)),
    consentStart,
    snapshotTaken: oneOf(ledger.exact, [true, false], `${name}.exact`),
    synced: oneOf(ledger.synced, [true, false], `${name}.synced`),
    baselineAt: optional(ledger.baselineAt, (moment) => readMoment(moment, 'baselineAt')),
    earlier: readHistory(ledger.earlier, { isFirst: consentStart !== undefined }),
  };
}

function clusterHash(value: unknown): string {
  const text = boundedText(value, 'cluster');
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new MalformedLedgerError('cluster is not a hash');
}

function day(value: unknown): string {
  const text = boundedText(value, 'a day');
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && Date.parse(text) >= 0) return text;
  throw new MalformedLedgerError('a day is not YYYY-MM-DD');
}

function moment(value: unknown): string {
  const text = boundedText(value, 'since');
  if (/^[12]\d{3}-\d{2}-\d{2}T/.test(text) && Date.parse(text) >= 0) return text;
  throw new MalformedLedgerError('since is not a time');
}
