import type { Consent } from '../../consent/consent.ts';
import { safeText } from '../output/safe-text.ts';
import { wrap } from '../output/wrap.ts';
import type { Done } from './carry-out.ts';
import { type ClusterFlags, kuskFlags } from './cluster-flags.ts';
import type { Conflict } from './conflicts.ts';
import { fieldValue } from './field-value.ts';
import { type KubeObject, keyOf } from './kube-object.ts';
import type { Change } from './preview.ts';
import { type SwitchOn, switchOnText } from './switch-on.ts';

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
  /** `null` with an image from before, which can have any version. */
  readonly version: string | null;
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

/**
 * Lays a preview out: a line for each object that changes, with its fields and both values, and one for
 * all that stay as they are.
 */
export function previewText(changes: readonly Change[]): string {
  const isSilent = ({ action, why }: Change) => action === 'keep' && isOrdinary(why);
  const same = changes.filter(isSilent).length;
  return [
    ...changes.filter((change) => !isSilent(change)).flatMap(changeLines),
    ...(same > 0 ? [`keep    ${objectsText(same)} as they are`] : []),
  ]
    .map((line) => `${safeText(line)}\n`)
    .join('');
}

function changeLines({ action, object, why, differences }: Change): readonly string[] {
  const reason = why === undefined || action !== 'keep' ? '' : ` (${why})`;
  return [
    `${action.padEnd(6)}  ${keyOf(object)}${reason}`,
    ...differences.flatMap(({ path, from, to }) => [
      `          ${path}`,
      ...(from === undefined ? [] : [`            - ${valueText(from)}`]),
      ...(to === undefined ? [] : [`            + ${valueText(to)}`]),
    ]),
  ];
}

/** Returns whether an object is left as it is for no reason that anybody would ask about. */
export function isOrdinary(why: string | undefined): boolean {
  return why === undefined || why === 'exists' || why === 'unchanged';
}

export function objectsText(count: number): string {
  return count === 1 ? '1 object' : `${count} objects`;
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
      ...found.flatMap(({ object, field, manager }) => {
        const [is, wanted] = [live.get(key), object].map((one) =>
          valueText(fieldValue(one, field)),
        );
        const lines = [`  ${field}`, `    ${manager} has set ${is}, kusk would set ${wanted}`];
        return lines.map(safeText);
      }),
    ])
    .join('\n');
}

export interface ClosingOptions {
  readonly namespace: string;
  readonly flags: ClusterFlags;
  /** As the operator sees it, with all switches of the cluster. */
  readonly consent: Consent;
  /** Why kusk installed it on or off. */
  readonly decidedBy: string;
  /** Whether kusk installed it on. */
  readonly installedOn: boolean;
  /** What switches it on if it is off. */
  readonly switchOn: SwitchOn;
  /** The width of the terminal, in characters. */
  readonly columns: number;
}

/** Returns the last lines of an install: whether telemetry is on, why, and how to change it. */
export function closingText(options: ClosingOptions): string {
  const { namespace, flags, consent, decidedBy, installedOn, switchOn, columns } = options;
  const isOverruled = installedOn && !consent.on;
  const why = isOverruled ? consent.decidedBy : decidedBy;
  const named = kuskFlags(namespace, flags);
  const change = consent.on
    ? `Switch it off: kusk analytics disable --cluster${named}`
    : `Switch it on:  ${safeText(switchOnText(switchOn))}`;
  return `${[
    ...wrap(`Telemetry is ${consent.on ? 'ON' : 'OFF'}: ${safeText(why)}.`, { width: columns }),
    change,
    `See it all:    kusk analytics status${named}`,
  ].join('\n')}\n`;
}
