import type { Readable } from 'node:stream';
import type { Time } from '../../runtime/time.ts';
import { HttpRefusal } from '../http-refusal.ts';
import type { Reservation } from './byte-budget.ts';

/** The longest time from the start of a body to its end, in milliseconds. */
const MAX_DURATION_MS = 10_000;
/** How long a sender may send nothing at first, in milliseconds. Allows for two lost packets in a row. */
const GRACE_MS = 3_000;
/** The lowest average rate after the grace period, in bytes per second. */
const MIN_BYTES_PER_SECOND = 1_024;
/** Chunks that any body may have. A long body may have one more for each `BYTES_PER_CHUNK`. */
const FREE_CHUNKS = 1_000;
const BYTES_PER_CHUNK = 16;
/** The first size of the buffer, in bytes. */
const INITIAL_BYTES = 4_096;

export interface ReceiveOptions {
  /** The most bytes that the body may have as sent. */
  readonly maxBytes: number;
  /** The Content-Length in bytes, if there is one. */
  readonly announced: number | undefined;
  /** Reserves the body's part of the budget. */
  readonly reserve: (onEvict: () => void) => Reservation;
  readonly time: Pick<Time, 'steady' | 'after'>;
}

/** A complete body. Its bytes count in the budget until `release` is called. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly release: () => void;
}

/**
 * Receives a body into one buffer that grows with the bytes that have arrived. The announced length and
 * the size of the chunks take no memory.
 *
 * Rejects with an `HttpRefusal`: 400 if the body is too large or has too many chunks, 408 if it is cut
 * or too slow, 503 if other bodies need its bytes. The caller must then discard the rest of the stream.
 */
export function receive(stream: Readable, options: ReceiveOptions): Promise<Received> {
  const { maxBytes, announced = maxBytes, reserve, time } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const startedAt = time.steady();
  let buffer = Buffer.alloc(0);
  let length = 0;
  // Each chunk costs the thread time, however short it is.
  let chunks = 0;

  function settle(): void {
    cancel();
    stream
      .off('data', onData)
      .off('end', onEnd)
      .off('error', onTruncated)
      .off('close', onTruncated);
  }

  function fail(error: HttpRefusal): void {
    settle();
    reservation.release();
    reject(error);
  }

  function onData(chunk: Uint8Array): void {
    const needed = length + chunk.byteLength;
    chunks += 1;
    if (needed > maxBytes) {
      fail(tooLarge(maxBytes));
    } else if (chunks > FREE_CHUNKS + needed / BYTES_PER_CHUNK) {
      fail(tooManyChunks());
    } else if (needed <= buffer.byteLength || enlarge(needed)) {
      buffer.set(chunk, length);
      length = needed;
    }
  }

  /** Doubles the buffer, up to the announced length. Returns false if the body is evicted. */
  function enlarge(needed: number): boolean {
    const doubled = Math.max(INITIAL_BYTES, 2 * buffer.byteLength);
    const size = Math.max(needed, Math.min(doubled, announced));
    if (!reservation.grow(size - buffer.byteLength)) return false;
    const larger = Buffer.allocUnsafeSlow(size);
    larger.set(buffer.subarray(0, length));
    buffer = larger;
    return true;
  }

  function onEnd(): void {
    settle();
    reservation.complete();
    resolve({ bytes: buffer.subarray(0, length), release: reservation.release });
  }

  function onTruncated(): void {
    fail(new HttpRefusal('The body was cut.', { status: 408, code: 'cut', headers: CLOSE }));
  }

  function checkPace(): void {
    const allowedMs = Math.min(MAX_DURATION_MS, GRACE_MS + (length / MIN_BYTES_PER_SECOND) * 1000);
    const leftMs = startedAt + allowedMs - time.steady();
    if (leftMs <= 0) fail(tooSlow());
    else cancel = time.after(leftMs, checkPace);
  }

  let cancel = time.after(GRACE_MS, checkPace);
  const reservation = reserve(() => fail(overloaded()));
  if (stream.destroyed) onTruncated();
  // The last listener stays. An error after the end of the body has no effect.
  else
    stream
      .on('data', onData)
      .on('end', onEnd)
      .on('error', onTruncated)
      .on('close', onTruncated)
      .on('error', ignore);
  return promise;
}

function ignore(): void {}

const CLOSE = { Connection: 'close' };

/** Creates the response to a body that is too large as sent or after inflation. */
export function tooLarge(maxBytes: number): HttpRefusal {
  return new HttpRefusal(`The body has more than ${maxBytes} bytes.`, {
    status: 400,
    code: 'too_large',
  });
}

function tooManyChunks(): HttpRefusal {
  return new HttpRefusal('The body has too many chunks: send larger ones.', {
    status: 400,
    code: 'too_many_chunks',
    headers: CLOSE,
  });
}

function tooSlow(): HttpRefusal {
  return new HttpRefusal('The body did not arrive in time.', {
    status: 408,
    code: 'too_slow',
    headers: CLOSE,
  });
}

function overloaded(): HttpRefusal {
  return new HttpRefusal('Too many bodies are under way: send it again.', {
    status: 503,
    code: 'overloaded',
    headers: { 'Retry-After': '1', ...CLOSE },
  });
}
