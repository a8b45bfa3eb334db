import { isDay } from '../day.ts';
import { HttpRefusal } from '../http-refusal.ts';
import type { Bounds } from './numbers.ts';

/** The query parameters of a request. */
export type Query = Readonly<Record<string, string | undefined>>;

interface IntegerOptions {
  readonly name: string;
  readonly fallback: number;
  readonly max: number;
}

/** Returns the UTC day of a query parameter, or `undefined` if it is absent. Throws 400 if it is no day. */
export function dayParameter(
  query: Query,
  { name }: { readonly name: string },
): string | undefined {
  const text = query[name];
  if (text === undefined || isDay(text)) return text;
  throw wrongQuery(`"${name}" must be a day, as in ${name}=2026-11-23.`);
}

/** Throws 400 if a range ends before it begins. */
export function assertOrdered({ from, to }: Bounds): void {
  if (from !== undefined && to !== undefined && from > to) {
    throw wrongQuery('"from" must not be after "to".');
  }
}

/** Returns the whole number of a query parameter, or `fallback` if it is absent. Throws 400 for anything else. */
export function integerParameter(query: Query, { name, fallback, max }: IntegerOptions): number {
  const text = query[name];
  if (text === undefined) return fallback;
  if (/^\d{1,16}$/.test(text) && Number(text) <= max) return Number(text);
  throw wrongQuery(`"${name}" must be a whole number from 0 to ${max}.`);
}

/** Returns the `seq` of an event in a query parameter, or an empty text if it is absent or `0`. Throws 400 for anything else. */
export function placeParameter(query: Query, { name }: { readonly name: string }): string {
  const text = query[name] ?? '';
  if (text === '0') return '';
  if (/^[0-9A-Za-z_-]{0,100}$/.test(text)) return text;
  throw wrongQuery(`"${name}" must be the "seq" of an event.`);
}

/** Creates the response to a wrong query parameter. */
export function wrongQuery(message: string): HttpRefusal {
  return new HttpRefusal(message, { status: 400, code: 'wrong_query' });
}
