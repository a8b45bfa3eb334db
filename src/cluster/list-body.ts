import type { Dispatcher } from 'undici';
import { MalformedAnswerError } from './errors.ts';
import { jsonScanner } from './json-scanner.ts';
import { LIST_SHAPE, PROTOBUF } from './metadata.ts';
import { type ListReader, protobufListReader } from './protobuf-list.ts';

/** What is kept of a list, without its objects. */
export interface ReadList {
  readonly list: unknown;
  /** The size of the body. */
  readonly bytes: number;
}

/**
 * Reads the body of a list as a stream: protobuf if the response says so, otherwise JSON, which is
 * all that some servers, proxies and aggregated APIs speak. Calls `onItem` with each object.
 *
 * Rejects with a `MalformedAnswerError` for what is neither, and for an incomplete list.
 */
export async function readList(
  { headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>,
  onItem: (item: unknown) => void,
): Promise<ReadList> {
  const reader = isProtobuf(headers) ? protobufListReader(onItem) : jsonListReader(onItem);
  let bytes = 0;
  // Left early, the body reports an error that concerns no one.
  body.on('error', () => undefined);
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    reader.write(chunk);
    bytes += chunk.length;
  }
  return { list: reader.end(), bytes };
}

/** The media type is compared without its parameters, such as `as=PartialObjectMetadataList`. */
function isProtobuf(headers: Dispatcher.ResponseData['headers']): boolean {
  const mediaType = String(headers['content-type']).split(';')[0] ?? '';
  return mediaType.trim().toLowerCase() === PROTOBUF;
}

function jsonListReader(onItem: (item: unknown) => void): ListReader {
  let list: unknown;
  const { write, isBetweenValues } = jsonScanner({
    shape: LIST_SHAPE,
    onElement: onItem,
    onValue(value) {
      list = value;
    },
  });
  return {
    write,
    end() {
      if (isBetweenValues()) return list;
      throw new MalformedAnswerError('sent a list that breaks off');
    },
  };
}
