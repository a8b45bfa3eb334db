import { CREATED, type Kind } from '../../event.ts';
import { creations } from '../../record/creations.ts';
import type { KindLedger } from '../../record/kind-ledger.ts';
import { isDatedAhead } from '../../record/known-resources.ts';
import type { Ledger } from '../../record/ledger.ts';
import type { SeenResource } from './resource-reader.ts';
import type { TelemetryView } from './telemetry-view.ts';
import {
  beforeFirstList,
  ELSEWHERE,
  fromHistory,
  sameSecond,
  sideOf,
  verdict,
} from './verdict-history.ts';
import type { Verdict } from './view.ts';

export interface VerdictOptions {
  readonly kind: Kind;
  readonly ledger: Ledger;
  /** Whether telemetry is on by the switches. The ledger may not follow yet. */
  readonly state: TelemetryView['state'];
  /** Under which `messageId` the creation of a resource is counted. */
  readonly messageIdOf: (uid: string) => string | undefined;
}

const COUNTED = verdict('counted', 'Its creation was counted.');
const SENT = verdict(
  'counted',
  'Its creation was counted: its payload is among the last that were sent.',
);
const PENDING = verdict('pending', 'It is recorded, and the endpoint has not acknowledged it yet.');
/** What an operator that is on would record when it lists. */
const UNSEEN: Readonly<Record<TelemetryView['state'], Verdict>> = {
  on: verdict('pending', 'The operator has not recorded it yet.'),
  unknown: verdict('pending', 'The operator has not recorded it yet.'),
  elsewhere: ELSEWHERE,
  off: verdict('unknown', 'Telemetry is off, and the ledger does not say so yet.'),
  'not-installed': verdict(
    'pending',
    'No operator is installed. One that is installed with telemetry would count it.',
  ),
};
const BASELINE = verdict(
  'unknown',
  'Telemetry was switched on again, and the first list is still to come: what it shows is not counted.',
);
const AHEAD = verdict(
  'unknown',
  'Its creation time is in the future, so that nothing can be compared with it.',
);
const UNREMEMBERED = verdict(
  'unknown',
  'An older version of the operator began this count and did not note what existed then.',
);

/**
 * Returns whether the creation of each resource was counted, as the ledger tells it. The ledger is bounded:
 * where it can't tell, the verdict is `unknown`.
 *
 * Decided by the code that decides for the operator, except for what existed when a count began: that is
 * compared by creation time, and within its second by resourceVersion. The clocks of the API servers
 * must agree to the second.
 */
export function verdictsOf(
  resources: readonly SeenResource[],
  { kind, ledger, state, messageIdOf }: VerdictOptions,
): (resource: SeenResource) => Verdict {
  const count = ledger.kinds[kind];
  const pending = new Set(
    ledger.pending.filter(({ name }) => name === CREATED[kind]).map(({ subject }) => subject),
  );
  const sent = sentIn(ledger);
  const isOn = ledger.consent === 'on';
  const unseen = isOn ? unseenIn(resources, ledger, count) : new Set<string>();
  const current = isOn
    ? currentCount(count, { ...ledger, unseen: UNSEEN[state] })
    : () => undefined;

  function verdictOf(resource: SeenResource): Verdict {
    const { uid } = resource;
    if (pending.has(uid)) return PENDING;
    if (sent.times.has(resource.createdAt) && sent.ids.has(messageIdOf(uid))) return SENT;
    if (isDatedAhead(resource)) return AHEAD;
    return current(resource, unseen.has(uid)) ?? fromHistory(resource, count.earlier);
  }

  return state === 'elsewhere' ? (resource) => ifCounted(verdictOf(resource)) : verdictOf;
}

/** What one operator has not counted, another one can have counted. */
function ifCounted(found: Verdict): Verdict {
  return found.state === 'counted' ? found : ELSEWHERE;
}

/** Returns the payloads that the ledger has: their ids, and when what they report happened. */
function sentIn({ sent }: Ledger) {
  return {
    ids: new Set(sent.map(({ messageId }) => messageId)),
    times: new Set(sent.map(({ timestamp }) => Date.parse(String(timestamp)) / 1000)),
  };
}

/** Returns the UIDs that the operator would take as new if it listed now. */
function unseenIn(
  resources: readonly SeenResource[],
  { since }: Ledger,
  count: KindLedger,
): ReadonlySet<string> {
  const listing = creations(count, { since: Date.parse(since) / 1000 }).listing();
  listing.take(resources);
  return new Set(listing.unknown().map(({ uid }) => uid));
}

interface CurrentOptions extends Pick<Ledger, 'since'> {
  readonly unseen: Verdict;
}

type Current = (resource: SeenResource, isUnseen: boolean) => Verdict | undefined;

/** Returns the verdicts of the count that goes on; `undefined` for what existed when it began. */
function currentCount(count: KindLedger, { since, unseen }: CurrentOptions): Current {
  const { baseline, consentStart, baselineAt, snapshotTaken } = count;
  const start = consentStart ?? baselineAt;
  const sinceSeconds = Math.floor(Date.parse(since) / 1000);
  const isNewer = ({ createdAt }: SeenResource) => createdAt > sinceSeconds;
  if (baseline) return (resource) => (isNewer(resource) ? BASELINE : undefined);
  if (start === undefined) return (_, isUnseen) => (isUnseen ? unseen : UNREMEMBERED);
  const isListed = consentStart === undefined || snapshotTaken;

  return function currentVerdict(resource, isUnseen) {
    const side = sideOf(resource, start);
    if (isUnseen && (isListed || side === 'after')) return unseen;
    if (side === 'after') return COUNTED;
    if (side === 'unclear') return sameSecond(start);
    return isNewer(resource) ? beforeFirstList(sinceSeconds) : undefined;
  };
}
