/** One thing that was measured. */
export interface Figure {
  readonly of: string;
  readonly value: number;
}

/** One line of the bench: two things that were measured in the same run, and their ratio. */
export interface Line {
  readonly section: string;
  readonly what: string;
  readonly unit: 'ms' | 's' | 'MiB' | 'KiB' | 'events/s' | 'bytes' | '';
  readonly figure: Figure;
  readonly against: Figure;
  readonly target?: Target;
}

/** The most that the ratio may be, or the figure itself, or the least that the ratio may be. */
export type Target =
  | { readonly ratio: number }
  | { readonly value: number }
  | { readonly leastRatio: number };

/** How many times `against` the figure is. */
export function ratioOf({ figure, against }: Line): number {
  return figure.value / against.value;
}

/** The most that the figure may be, or the least, in the line's unit. */
export function limitOf({ target, against }: Line): number | undefined {
  if (target === undefined) return undefined;
  if ('leastRatio' in target) return target.leastRatio * against.value;
  return 'value' in target ? target.value : target.ratio * against.value;
}

/** `undefined` where no target was set. */
export function isMet(line: Line): boolean | undefined {
  const limit = limitOf(line);
  if (limit === undefined || line.target === undefined) return undefined;
  return 'leastRatio' in line.target ? line.figure.value >= limit : line.figure.value <= limit;
}

/** With the digits that matter. */
export function shown(value: number, unit: Line['unit'] = ''): string {
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`.trimEnd();
}
