import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HttpRefusal } from './http-refusal.ts';

const inflate = promisify(gunzip);

export interface ReadOptions {
  /** The most bytes that a body may have, both as it arrives and inflated. */
  readonly maxBytes: number;
}

/**
 * Reads a request's body as JSON, plain or gzip.
 *
 * Never holds more than twice `maxBytes`: it stops reading at the limit, and so does inflating.
 * Throws an `HttpRefusal`: 400 for what is too large or not JSON, 408 for a body that was cut, 415
 * for another encoding.
 */
export async function readJson(request: Request, options: ReadOptions): Promise<unknown> {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') throw unknownEncoding();
  const bytes = await readAtMost(request, options);
  return parse(encoding === 'gzip' ? await inflateAtMost(bytes, options) : bytes);
}

async function readAtMost(request: Request, { maxBytes }: ReadOptions): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of untilCut(request.body ?? [])) {
    length += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** A sender that goes away in the middle is no failure of ours. */
async function* untilCut(body: AsyncIterable<Uint8Array> | readonly Uint8Array[]) {
  try {
    yield* body;
  } catch (error) {
    throw new HttpRefusal('The body was cut.', { status: 408, code: 'cut', cause: error });
  }
}

async function inflateAtMost(bytes: Uint8Array, { maxBytes }: ReadOptions): Promise<Uint8Array> {
  try {
    return await inflate(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes);
    throw new HttpRefusal('The body is not gzip, as its Content-Encoding says.', {
      status: 400,
      code: 'invalid_gzip',
    });
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own message quotes the body.
    throw new HttpRefusal('The body is not JSON.', { status: 400, code: 'invalid_json' });
  }
}

function tooLarge(maxBytes: number): HttpRefusal {
  return new HttpRefusal(`The body has more than ${maxBytes} bytes.`, {
    status: 400,
    code: 'too_large',
    headers: { Connection: 'close' },
  });
}

function unknownEncoding(): HttpRefusal {
  return new HttpRefusal('The Content-Encoding must be gzip or none.', {
    status: 415,
    code: 'unknown_encoding',
    headers: { 'Accept-Encoding': 'gzip', Connection: 'close' },
  });
}
