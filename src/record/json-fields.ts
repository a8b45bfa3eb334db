/** The text is not a ledger. The message names what is wrong, and never contains a value. */
export class MalformedLedgerError extends Error {}

/** Returns the fields of a mapping, unchecked. */
export function fields(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new MalformedLedgerError(`${name} is not a mapping`);
}

/** Returns a list of at most `limit` items. */
export function array(
  value: unknown,
  { limit, name }: { readonly limit: number; readonly name: string },
): readonly unknown[] {
  if (!Array.isArray(value)) throw new MalformedLedgerError(`${name} is not a list`);
  if (value.length > limit) throw new MalformedLedgerError(`${name} has ${value.length} items`);
  return value;
}

/**
 * Returns whether lists and mappings are nested more than `limit` deep. `JSON.parse` reads any depth, but
 * `JSON.stringify` overflows the stack.
 */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level = [value];
  for (let depth = 0; depth <= limit; depth += 1) {
    level = level.filter((one) => typeof one === 'object' && one !== null).flatMap(childrenOf);
    if (level.length === 0) return false;
  }
  return true;
}

function childrenOf(value: unknown): readonly unknown[] {
  return Object.values(value as object);
}

/** Returns a value that is one of `allowed`. */
export function oneOf<Value>(value: unknown, allowed: readonly Value[], name: string): Value {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw new MalformedLedgerError(`${name} is not one of ${allowed.join(', ')}`);
  return found;
}

/** Returns a whole number of at least zero. */
export function nonNegative(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new MalformedLedgerError(`${name} is not a whole number`);
}

/** Returns a text of at most 100 characters. */
export function boundedText(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length <= 100) return value;
  throw new MalformedLedgerError(`${name} is not a short text`);
}

/** Returns `undefined` for a missing value, else the result of `read`. */
export function optional<Value>(
  value: unknown,
  read: (value: unknown) => Value,
): Value | undefined {
  return value === undefined ? undefined : read(value);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PACKED_UUID = /^[\w-]{22}$/;

/** Shortens a UUID from 36 to 22 characters. Returns any other text unchanged. */
export function packUid(uid: string): string {
  if (!UUID.test(uid)) return uid;
  return Buffer.from(uid.replaceAll('-', ''), 'hex').toString('base64url');
}

/** Reverses `packUid`. */
export function unpackUid(packed: string): string {
  if (!PACKED_UUID.test(packed)) return packed;
  const hex = Buffer.from(packed, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Returns a subject and a time, in seconds since the epoch, as one short text. */
export function packed(uid: string, at: number): string {
  return `${packUid(uid)}:${at.toString(36)}`;
}

/** Reverses `packed`. */
export function unpacked(item: unknown): readonly [string, number] {
  // Seven digits of base 36 reach the year 4453, so an edited time is still a valid date.
  const [, uid, at] =
    /^([\w-]{0,64}):([0-9a-z]{1,7})$/.exec(boundedText(item, 'a packed UID')) ?? [];
  if (uid === undefined || at === undefined)
    throw new MalformedLedgerError('a packed UID is malformed');
  return [unpackUid(uid), Number.parseInt(at, 36)];
}
