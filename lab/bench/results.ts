import { readFile, writeFile } from 'node:fs/promises';
import type { Line } from './line.ts';

/** What is in `lab/bench/results.json`. */
export interface Results {
  /** The machine that the latest section was measured on: processors, memory, Node. */
  readonly machine: string;
  readonly sections: Readonly<Record<string, Measured>>;
}

/** One section as it was last measured. */
export interface Measured {
  /** RFC 3339. */
  readonly at: string;
  /** With smaller sizes: good for a look, not for a judgement. */
  readonly quick: boolean;
  readonly lines: readonly Line[];
}

/** Puts sections in the place of those of the same name, and keeps the others. */
export function merge(old: Results | undefined, now: Results): Results {
  return { machine: now.machine, sections: { ...old?.sections, ...now.sections } };
}

/**
 * Returns the lines of a section, and before them those of the engine that was left out this time, as
 * `--clickhouse-events 0` does.
 */
export function withOtherEngine(
  lines: readonly Line[],
  { old }: { readonly old: readonly Line[] },
): readonly Line[] {
  const measured = new Set(lines.map(engineOf));
  return [...old.filter((line) => !measured.has(engineOf(line))), ...lines];
}

/** The name after the last "in": "ingest, 100 events in SQLite". */
function engineOf({ what }: Line): string | undefined {
  return what.split(' in ').at(-1);
}

/** `undefined` where there are none yet. */
export async function readResults(path: string): Promise<Results | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Results);
}

export async function writeResults(path: string, results: Results): Promise<void> {
  await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
}
