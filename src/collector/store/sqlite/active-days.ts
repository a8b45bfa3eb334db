/**
 * The days on which a machine or cluster sent an event: four bytes for the first day, then one bit for
 * each day from it on, the lowest bit of a byte first.
 *
 * A year takes 50 bytes. Days are UTC days since the epoch.
 */
export type ActiveDays = Uint8Array;

/** A day's neighbours among the active days: the last one before it, and the first one after it. */
export interface Neighbours {
  readonly previous: number | undefined;
  readonly next: number | undefined;
}

const HEADER_BYTES = 4;

export const NO_DAYS: ActiveDays = new Uint8Array(0);

export function hasDay(days: ActiveDays, day: number): boolean {
  const index = day - firstDay(days);
  return index >= 0 && isSet(days, index);
}

/** Returns a copy that has one more day. */
export function withDay(days: ActiveDays, day: number): ActiveDays {
  const isEmpty = days.byteLength === 0;
  const oldFirst = isEmpty ? day : firstDay(days);
  // Whole bytes are added in front, so that no bit moves within its byte.
  const missing = Math.max(0, Math.ceil((oldFirst - day) / 8));
  const first = oldFirst - 8 * missing;
  const bits = days.subarray(HEADER_BYTES);
  const size = Math.max(missing + bits.byteLength, Math.floor((day - first) / 8) + 1);
  const result = new Uint8Array(HEADER_BYTES + size);
  new DataView(result.buffer).setInt32(0, first);
  result.set(bits, HEADER_BYTES + missing);
  const at = HEADER_BYTES + Math.floor((day - first) / 8);
  result[at] = (result[at] ?? 0) | (1 << ((day - first) % 8));
  return result;
}

/** Returns the neighbours of a day, which need not be active itself. */
export function neighboursOf(days: ActiveDays, day: number): Neighbours {
  const first = firstDay(days);
  const end = 8 * Math.max(0, days.byteLength - HEADER_BYTES);
  return {
    previous: search(days, { first, from: Math.min(day - first, end) - 1, step: -1, end }),
    next: search(days, { first, from: Math.max(day - first + 1, 0), step: 1, end }),
  };
}

interface SearchOptions {
  readonly first: number;
  /** The index of the first bit to look at. */
  readonly from: number;
  readonly step: 1 | -1;
  /** How many bits there are. */
  readonly end: number;
}

function search(days: ActiveDays, { first, from, step, end }: SearchOptions): number | undefined {
  for (let index = from; index >= 0 && index < end; index += step) {
    if (isSet(days, index)) return first + index;
  }
  return undefined;
}

function firstDay(days: ActiveDays): number {
  if (days.byteLength < HEADER_BYTES) return 0;
  return new DataView(days.buffer, days.byteOffset).getInt32(0);
}

function isSet(days: ActiveDays, index: number): boolean {
  const byte = days[HEADER_BYTES + Math.floor(index / 8)] ?? 0;
  return (byte & (1 << (index % 8))) !== 0;
}
