import type { CreationEvidence } from './evidence.ts';
import type { Step } from './schedule.ts';
import type { Verdict } from './verdict.ts';

const SHOWN = 10;

/** A line of progress: what is injected, how far it is, and how long it will still take. */
export function progressLine(step: Step, options: ProgressOptions): string {
  const { done, of, created, elapsedMs } = options;
  const left = done === 0 ? '' : `, ${span((elapsedMs / done) * (of - done))} left`;
  const place = step.lane === '' ? '' : ` (${step.lane}, ${(step.lastsMs / 1000).toFixed(1)} s)`;
  return `${span(elapsedMs)}  fault ${done + 1}/${of}, ${created} creations${left}: ${step.name}${place}`;
}

export interface ProgressOptions {
  readonly done: number;
  readonly of: number;
  readonly created: number;
  readonly elapsedMs: number;
}

/** The verdict as a table. */
export function verdictTable(verdict: Verdict, { repeats }: { readonly repeats: number }): string {
  const excluded = [...verdict.excluded].map(([name, count]) => [`  ${name}`, count] as const);
  const rows: readonly (readonly [string, number | string])[] = [
    ['creations, by the audit log', verdict.creations],
    ['counted once', verdict.told],
    ['lost', verdict.lost.length],
    ['told, and must not have been', verdict.wrong.length],
    ['the install told', verdict.installTold ? 'yes' : 'NO'],
    ['stored, and never happened', verdict.foreign.length],
    ['excluded, and not told', excluded.reduce((sum, [, count]) => sum + count, 0)],
    ...excluded,
    ['messages that came again under their id', repeats],
    ['opt-outs told, of switches', `${verdict.optOuts.told}/${verdict.optOuts.possible}`],
  ];
  const wrong = [
    ...verdict.lost.map((made) => `lost: ${described(made)}`),
    ...verdict.wrong.map((made) => `must not be told: ${described(made)}`),
    ...verdict.foreign.map((messageId) => `never happened: ${messageId}`),
  ];
  const more = wrong.length > SHOWN ? [`and ${wrong.length - SHOWN} more`] : [];
  const table = rows.map(([title, value]) => `  ${title.padEnd(64)}${String(value).padStart(8)}`);
  return [...table, ...wrong.slice(0, SHOWN), ...more].join('\n');
}

function described({ kind, uid, revision, during }: CreationEvidence): string {
  return `${kind} ${uid}, resourceVersion ${revision}, created at ${during.from}`;
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
