import type { Consent } from '../../consent/consent.ts';
import { safeText } from '../output/safe-text.ts';
import type { Done } from './carry-out.ts';
import type { Conflict } from './conflicts.ts';
import type { Difference } from './differences.ts';
import { fieldValue } from './field-value.ts';
import { type KubeObject, keyOf } from './kube-object.ts';
import type { Change } from './preview.ts';

/** One object of a report, for `-o json`. */
export interface ReportedChange {
  readonly action: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly why?: string;
  readonly fields?: readonly {
    readonly path: string;
    readonly from: unknown;
    readonly to: unknown;
  }[];
}

/** What `kusk cluster install` and `upgrade` print. */
export interface InstallReport {
  readonly namespace: string;
  readonly version: string;
  readonly dryRun: boolean;
  /** `null` if nobody waited for it. */
  readonly ready: boolean | null;
  readonly analytics: { readonly enabled: boolean; readonly decidedBy: string };
  readonly changes: readonly ReportedChange[];
}

export function reportedChange({ action, object, why, differences }: Change): ReportedChange {
  const fields = differences.map(({ path, from, to }) => ({
    path,
    from: from ?? null,
    to: to ?? null,
  }));
  return {
    action,
    ...named(object),
    ...(why === undefined || action !== 'keep' ? {} : { why }),
    ...(action === 'change' ? { fields } : {}),
  };
}

export function reportedDone({ result, object, why }: Done): ReportedChange {
  return { action: result, ...named(object), ...(why === undefined ? {} : { why }) };
}

function named({ kind, metadata }: KubeObject) {
  const { namespace, name } = metadata;
  return { kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** Lays a preview out, a line for each object and one for each field that changes. */
export function previewText(changes: readonly Change[]): string {
  return changes
    .flatMap(({ action, object, why, differences }) => [
      `${action.padEnd(6)}  ${keyOf(object)}${why === undefined || action !== 'keep' ? '' : ` (${why})`}`,
      ...differences.map((difference) => `          ${differenceText(difference)}`),
    ])
    .map((line) => `${safeText(line)}\n`)
    .join('');
}

function differenceText({ path, from, to }: Difference): string {
  return `${path}: ${valueText(from)} -> ${valueText(to)}`;
}

/** Returns a value so that it fits into a line. */
function valueText(value: unknown): string {
  if (value === undefined) return 'none';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Lays conflicts out: the object, then each field with its manager and both values. */
export function conflictText(
  conflicts: readonly Conflict[],
  live: ReadonlyMap<string, KubeObject>,
): string {
  return [...Map.groupBy(conflicts, ({ object }) => keyOf(object))]
    .flatMap(([key, found]) => [
      safeText(key),
      ...found.map(({ object, field, manager }) => {
        const [is, wanted] = [live.get(key), object].map((one) =>
          valueText(fieldValue(one, field)),
        );
        return safeText(`  ${field}: ${manager} has set ${is}, kusk would set ${wanted}`);
      }),
    ])
    .join('\n');
}

export interface ClosingOptions {
  readonly namespace: string;
  /** As the operator sees it, with all switches of the cluster. */
  readonly consent: Consent;
  /** Why kusk installed it on or off. */
  readonly decidedBy: string;
  /** Whether kusk installed it on. */
  readonly installedOn: boolean;
}

/** Returns the last lines of an install: whether telemetry is on, why, and how to change it. */
export function closingText(options: ClosingOptions): string {
  const { namespace, consent, decidedBy, installedOn } = options;
  const isOverruled = installedOn && !consent.on;
  const why = isOverruled ? consent.decidedBy : decidedBy;
  const flag = namespace === 'kusk-system' ? '' : ` -n ${namespace}`;
  const change = consent.on
    ? `Switch it off: kusk analytics disable --cluster${flag}`
    : `Switch it on:  kusk analytics enable --cluster${flag}`;
  return `${[
    `Telemetry is ${consent.on ? 'ON' : 'OFF'}: ${safeText(why)}.`,
    change,
    `See it all:    kusk analytics status${flag}`,
  ].join('\n')}\n`;
}
