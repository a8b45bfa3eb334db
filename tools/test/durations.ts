/** How long a file or a part of the run took. */
export interface Duration {
  readonly name: string;
  readonly ms: number;
}

/** Runs a task and returns its result with its duration. */
export async function timed<Result>(
  name: string,
  task: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly duration: Duration }> {
  const start = performance.now();
  const result = await task();
  return { result, duration: { name, ms: performance.now() - start } };
}

/** Returns a line for each duration, in order, with the seconds aligned. */
export function durationLines(durations: readonly Duration[]): readonly string[] {
  const seconds = durations.map(({ ms }) => (ms / 1000).toFixed(1));
  const width = Math.max(0, ...seconds.map((text) => text.length));
  return durations.map(({ name }, index) => `  ${seconds[index]?.padStart(width)} s  ${name}`);
}

export interface SlowestOptions {
  /** Files below this share one line, in milliseconds. */
  readonly leastMs: number;
}

/** Returns the files that took long, slowest first, and one entry for all others together. */
export function slowest(
  files: readonly Duration[],
  { leastMs }: SlowestOptions,
): readonly Duration[] {
  const slow = files.filter(({ ms }) => ms >= leastMs).sort((a, b) => b.ms - a.ms);
  const others = files.filter(({ ms }) => ms < leastMs);
  if (others.length === 0) return slow;
  const ms = others.reduce((total, file) => total + file.ms, 0);
  const name = `${others.length} files of less than ${leastMs / 1000} s each, together`;
  return [...slow, { name, ms }];
}
