import { trimmed } from '../runtime/trim.ts';

/** The endpoint if none is set. */
export const DEFAULT_ENDPOINT = 'https://api.segment.io';

/** Segment's write keys have 32 characters. A header has room for a few thousand. */
const MAX_KEY_LENGTH = 500;

/** A setting as found: `name` is for error texts. */
export interface FoundText {
  readonly name: string;
  /** `undefined` if it is not set. Blanks and quotes around it are ignored. */
  readonly value: string | undefined;
}

/**
 * Returns the address of an endpoint, or `fallback` if it is not set or empty.
 *
 * @throws Error that says what to write instead, without the password that the address may contain.
 */
export function parseEndpoint({ name, value = '' }: FoundText, fallback = DEFAULT_ENDPOINT): URL {
  const text = trimmed(value) || fallback;
  const parsed = URL.parse(text);
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed;
  throw new Error(
    `${name} is "${redacted(text)}": write an http:// or https:// URL, such as ${fallback}`,
  );
}

/**
 * Returns a write key that fits into a header, or `undefined` if it is not set or empty.
 *
 * @throws Error that says what to write instead. The key is a secret: the error does not show it.
 */
export function parseWriteKey({ name, value = '' }: FoundText): string | undefined {
  const key = trimmed(value);
  if (/^[!-~]*$/.test(key) && key.length <= MAX_KEY_LENGTH) return key || undefined;
  throw new Error(
    `${name} is not a valid write key: write the key as the endpoint shows it, up to ${MAX_KEY_LENGTH} ASCII letters, digits and signs without spaces`,
  );
}

/** Returns an invalid URL without the user and password that it may contain. */
function redacted(value: string): string {
  return value.replace(/^(.*?\/\/)?.*@/s, '$1…@').slice(0, 100);
}
