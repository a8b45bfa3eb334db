import { gunzipSync } from 'node:zlib';
import { HttpRefusal } from '../http-refusal.ts';
import { tooLarge } from './receive.ts';

/** What a request's headers say of its body. */
export interface BodyHeaders {
  readonly isGzip: boolean;
  /** Bytes, as they are sent; `undefined` if the headers do not say. */
  readonly announced: number | undefined;
}

export interface BodyOptions {
  /** The most bytes that a body may have, both as it arrives and inflated. */
  readonly maxBytes: number;
}

/**
 * Reads what can be known of a body before it is received.
 *
 * Throws an `HttpRefusal`: 400 for what is announced as too large, 415 for an unknown encoding.
 */
export function bodyHeaders(headers: Headers, { maxBytes }: BodyOptions): BodyHeaders {
  const encoding = (headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') throw unknownEncoding();
  const length = headers.get('content-length');
  const announced = length === null ? undefined : Number(length);
  if (announced !== undefined && announced > maxBytes) throw tooLarge(maxBytes);
  return { isGzip: encoding === 'gzip', announced };
}

/** Parses a whole body as JSON. Throws an `HttpRefusal` with 400. */
export function parseBody(
  bytes: Uint8Array,
  { isGzip, maxBytes }: BodyOptions & Pick<BodyHeaders, 'isGzip'>,
): unknown {
  const plain = isGzip ? inflate(bytes, { maxBytes }) : bytes;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain));
  } catch {
    // The parser's own message quotes the body.
    throw new HttpRefusal('The body is not JSON.', { status: 400, code: 'invalid_json' });
  }
}

/** In this thread: with so few bytes it takes a millisecond, and nothing has to wait in memory. */
function inflate(bytes: Uint8Array, { maxBytes }: BodyOptions): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes);
    throw new HttpRefusal('The body is not gzip, as its Content-Encoding says.', {
      status: 400,
      code: 'invalid_gzip',
    });
  }
}

function unknownEncoding(): HttpRefusal {
  return new HttpRefusal('The Content-Encoding must be gzip or none.', {
    status: 415,
    code: 'unknown_encoding',
    headers: { 'Accept-Encoding': 'gzip' },
  });
}
