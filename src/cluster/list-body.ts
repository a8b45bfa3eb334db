import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { MalformedResponseError } from './errors.ts';
import { jsonScanner, type ScanOptions } from './json-scanner.ts';
import { LIST_SHAPE, PROTOBUF } from './metadata.ts';
import { type ListReader, protobufListReader } from './protobuf-list.ts';

/** A list that was read, without its objects. */
export interface ReadList {
  /** The list's own metadata. */
  readonly list: unknown;
  /** The size of the body. */
  readonly bytes: number;
}

/**
 * Reads the body of a list as a stream: as protobuf if its media type says so, otherwise as JSON.
 * Some servers, proxies and aggregated APIs support only JSON. Calls `onItem` with each object.
 *
 * Rejects with a `MalformedResponseError` for any other body, and for an incomplete list.
 */
export async function readList(
  { headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>,
  onItem: (item: unknown) => void,
): Promise<ReadList> {
  const reader = isProtobuf(headers) ? protobufListReader(onItem) : sightingsInJson(onItem);
  return await readListInto(body, reader);
}

/** Reads the body of a list as a stream by this reader. Rejects as `readList` does. */
export async function readListInto(body: Readable, reader: ListReader): Promise<ReadList> {
  const bytes = await pipeInto(body, reader);
  return { list: reader.end(), bytes };
}

/**
 * Passes a body to a reader and returns its size in bytes. Events take about a tenth less processor
 * time than an async iterator, which needs several promises for each 16 KiB.
 */
function pipeInto(body: Readable, reader: ListReader): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let bytes = 0;
  body.on('error', reject);
  body.on('end', () => resolve(bytes));
  body.on('close', () => reject(new MalformedResponseError('sent an incomplete list')));
  body.on('data', (chunk: Uint8Array) => {
    try {
      reader.write(chunk);
      bytes += chunk.length;
    } catch (error) {
      reject(error);
      // The rest of the body is never read. Its connection is closed.
      body.destroy();
    }
  });
  return promise;
}

/** Compares the media type without its parameters, such as `as=PartialObjectMetadataList`. */
function isProtobuf(headers: Dispatcher.ResponseData['headers']): boolean {
  const mediaType = String(headers['content-type']).split(';')[0] ?? '';
  return mediaType.trim().toLowerCase() === PROTOBUF;
}

function sightingsInJson(onItem: (item: unknown) => void): ListReader {
  return jsonListReader({ shape: LIST_SHAPE, onElement: onItem });
}

/** Returns a reader of a list in JSON. `onElement` gets each object, and what other arrays hold. */
export function jsonListReader(options: Omit<ScanOptions, 'onValue'>): ListReader {
  let list: unknown;
  const { write, isBetweenValues } = jsonScanner({
    ...options,
    onValue(value) {
      list = value;
    },
  });
  return {
    write,
    end() {
      if (isBetweenValues()) return list;
      throw new MalformedResponseError('sent an incomplete list');
    },
  };
}
