import type { Readable } from 'node:stream';
import type { Time } from '../../runtime/time.ts';
import { HttpRefusal } from '../http-refusal.ts';
import type { Reservation } from './byte-budget.ts';

/** How long a body may take from its first byte to its last, in milliseconds. */
const LONGEST_MS = 10_000;
/** How long a sender may be silent at first, in milliseconds: two lost packets in a row. */
const GRACE_MS = 3_000;
/** What must have arrived on average after the grace period, in bytes a second. */
const LEAST_PER_SECOND = 1_024;
/** How many chunks a body may have, and how many more for its length: each costs the thread time. */
const FREE_CHUNKS = 1_000;
const BYTES_PER_CHUNK = 16;
const FIRST_BYTES = 4_096;

export interface ReceiveOptions {
  /** The most bytes that the body may have as it arrives. */
  readonly maxBytes: number;
  /** What the sender says that it has; `undefined` if it does not say. */
  readonly announced: number | undefined;
  /** Opens the body's part of the budget. */
  readonly open: (onEvict: () => void) => Reservation;
  readonly time: Pick<Time, 'steady' | 'after'>;
}

/** A whole body. Its bytes count until `release` is called. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly release: () => void;
}

/**
 * Receives a body into one buffer that grows with what has arrived, so that neither a sender's
 * promise nor the size of its chunks costs memory.
 *
 * Throws an `HttpRefusal`: 400 for a body that is too large or in too many chunks, 408 for one that is cut or too slow,
 * 503 for one whose bytes others need. The rest of the stream is then
 * the caller's to discard.
 */
export function receive(stream: Readable, options: ReceiveOptions): Promise<Received> {
  const { maxBytes, announced = maxBytes, open, time } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const startedAt = time.steady();
  let buffer = Buffer.alloc(0);
  let length = 0;
  let chunks = 0;

  function settle(): void {
    cancel();
    stream.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
  }

  function fail(error: HttpRefusal): void {
    settle();
    hold.release();
    reject(error);
  }

  function onData(chunk: Uint8Array): void {
    const needed = length + chunk.byteLength;
    chunks += 1;
    if (needed > maxBytes) {
      fail(tooLarge(maxBytes));
    } else if (chunks > FREE_CHUNKS + needed / BYTES_PER_CHUNK) {
      fail(tooManyChunks());
    } else if (needed <= buffer.byteLength || makeRoom(needed)) {
      buffer.set(chunk, length);
      length = needed;
    }
  }

  /** Doubles, up to what was announced. */
  function makeRoom(needed: number): boolean {
    const doubled = Math.max(FIRST_BYTES, 2 * buffer.byteLength);
    const size = Math.max(needed, Math.min(doubled, announced));
    if (!hold.grow(size - buffer.byteLength)) return false;
    const larger = Buffer.allocUnsafeSlow(size);
    larger.set(buffer.subarray(0, length));
    buffer = larger;
    return true;
  }

  function onEnd(): void {
    settle();
    hold.keep();
    resolve({ bytes: buffer.subarray(0, length), release: hold.release });
  }

  function onCut(): void {
    fail(new HttpRefusal('The body was cut.', { status: 408, code: 'cut', headers: CLOSE }));
  }

  function lookAtPace(): void {
    const allowedMs = Math.min(LONGEST_MS, GRACE_MS + (length / LEAST_PER_SECOND) * 1000);
    const leftMs = startedAt + allowedMs - time.steady();
    if (leftMs <= 0) fail(tooSlow());
    else cancel = time.after(leftMs, lookAtPace);
  }

  let cancel = time.after(GRACE_MS, lookAtPace);
  const hold = open(() => fail(overloaded()));
  if (stream.destroyed) onCut();
  // The last listener stays: an error after the end concerns nobody.
  else
    stream
      .on('data', onData)
      .on('end', onEnd)
      .on('error', onCut)
      .on('close', onCut)
      .on('error', ignore);
  return promise;
}

function ignore(): void {}

const CLOSE = { Connection: 'close' };

/** Also for what is too large once it is inflated. */
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
