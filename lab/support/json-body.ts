import { Readable } from 'node:stream';

/** A response body as it comes from the network. */
export function jsonBody(value: unknown): Readable {
  return Readable.from([Buffer.from(JSON.stringify(value))]);
}
