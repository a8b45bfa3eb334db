import { MalformedAnswerError } from './errors.ts';

/** A line longer than this is none of an API server's: etcd holds objects of at most 1.5 MiB. */
const LINE_LIMIT = 8 * 1_048_576;

/** Splits a stream of UTF-8 bytes into lines, without their ends and without empty ones. */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LINE_LIMIT) throw new MalformedAnswerError('sent a line without end');
    for (const line of parts) if (line !== '') yield line;
  }
}
