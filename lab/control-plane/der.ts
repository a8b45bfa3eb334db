/**
 * The few ASN.1 types that an X.509 certificate is made of, in their DER encoding.
 *
 * @see https://www.itu.int/rec/T-REC-X.690
 */

type Bytes = Uint8Array;

/** A tag, the length of its contents, and the contents. */
export function tagged(tag: number, ...contents: readonly Bytes[]): Bytes {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(body.length)]), body]);
}

export const sequence = (...items: readonly Bytes[]) => tagged(0x30, ...items);
export const set = (...items: readonly Bytes[]) => tagged(0x31, ...items);
export const octets = (bytes: Bytes) => tagged(0x04, bytes);
export const bits = (bytes: Bytes, unused = 0) => tagged(0x03, Buffer.from([unused]), bytes);
export const text = (value: string) => tagged(0x0c, Buffer.from(value, 'utf8'));
export const yes = () => tagged(0x01, Buffer.from([0xff]));
/** `[n]` around what it holds. */
export const explicit = (n: number, ...items: readonly Bytes[]) => tagged(0xa0 + n, ...items);
/** `[n]` in the place of a primitive's own tag. */
export const implicit = (n: number, bytes: Bytes) => tagged(0x80 + n, bytes);

/** A positive integer from its big-endian bytes. */
export function integer(bytes: Bytes): Bytes {
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, Buffer.from(isNegative ? [0, ...bytes] : bytes));
}

/** An object identifier from its dotted form, `2.5.4.3`. */
export function oid(dotted: string): Bytes {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** To the second, as UTCTime, which certificates use for the years until 2049. */
export function time(date: Date): Bytes {
  const digits = date.toISOString().replace(/^\d\d|\.\d+|[-:T]/g, '');
  return tagged(0x17, Buffer.from(digits, 'ascii'));
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const hex = length.toString(16);
  const bytes = [...Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')];
  return [0x80 + bytes.length, ...bytes];
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}
