import type { Readable } from 'node:stream';
import { systemTime } from '../runtime/time.ts';
import { MalformedResponseError } from './errors.ts';

/** The limit of a body that is read whole, in bytes. An object in etcd has about 1.5 MiB. */
const JSON_LIMIT = 8 * 1_048_576;
/** How long reading a whole body may take, in milliseconds. */
const BODY_TIMEOUT_MS = 30_000;
const INITIAL_BYTES = 8_192;

/**
 * Reads a whole body and parses it as JSON. Rejects with a `MalformedResponseError` if it is too
 * large, too slow or not JSON. An unread rest is dropped with its connection.
 */
export async function jsonOf(body: Readable): Promise<unknown> {
  const { bytes, ended } = await firstBytes(body, {
    limit: JSON_LIMIT,
    timeoutMs: BODY_TIMEOUT_MS,
  });
  if (!ended) throw new MalformedResponseError('sent a body without end');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new MalformedResponseError('sent a body that is not JSON', { cause });
  }
}

export interface FirstBytesOptions {
  /** In bytes. */
  readonly limit: number;
  readonly timeoutMs: number;
}

/**
 * Returns the first bytes of a body, at most `limit`, and whether the body ended there. The rest is
 * never read: its connection is closed. The bytes are copied into one buffer, because a chunk can
 * be a single byte and takes far more memory than that.
 */
export async function firstBytes(
  body: Readable,
  { limit, timeoutMs }: FirstBytesOptions,
): Promise<{ readonly bytes: Buffer; readonly ended: boolean }> {
  let bytes: Buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  let length = 0;
  const late = systemTime.deadline(timeoutMs);
  const end = () => body.destroy(new MalformedResponseError('sent a body too slowly'));
  late.addEventListener('abort', end, { once: true });
  // undici emits an error for a body that is not read to its end. It is ignored.
  body.on('error', () => undefined);
  try {
    for await (const chunk of body) {
      if (length + chunk.length > limit) return { bytes: bytes.subarray(0, length), ended: false };
      if (length + chunk.length > bytes.length) bytes = grown(bytes, length + chunk.length);
      bytes.set(chunk, length);
      length += chunk.length;
    }
    return { bytes: bytes.subarray(0, length), ended: true };
  } finally {
    late.removeEventListener('abort', end);
  }
}

function grown(bytes: Buffer, atLeast: number): Buffer {
  return Buffer.concat([bytes], Math.max(2 * bytes.length, atLeast));
}
