import type { ServerResponse } from 'node:http';

/** A watch that is under way. */
export interface OpenWatch {
  readonly url: string;
  /** Inserts a text into the stream, at the next end of a line. */
  readonly inject: (text: string) => void;
  /** Ends the stream, as the API server does after a while. */
  readonly end: () => void;
  /** Breaks the connection. */
  readonly cut: () => void;
  /** From now on nothing comes any more, and the connection stays open. */
  readonly silence: () => void;
  /** From now on each piece comes so much later, in milliseconds. */
  readonly slow: (ms: number) => void;
}

/** What becomes of the pieces of a stream. */
export interface StreamState {
  silent: boolean;
  delayMs: number;
  /** Whether all that has passed so far ends with a whole line. */
  atLineEnd: boolean;
  /** Texts to insert at the next end of a line. */
  inserts: string[];
}

const NEWLINE = 0x0a;

/** Passes a piece of a stream on, and after a whole line what is to be inserted there. */
export function write(chunk: Buffer, response: ServerResponse, state: StreamState): void {
  response.write(chunk);
  state.atLineEnd = chunk.at(-1) === NEWLINE;
  if (state.atLineEnd) for (const text of state.inserts.splice(0)) response.write(text);
}

/** A watch by its answer and the state of its stream, which it changes in place. */
export function openWatch(url: string, response: ServerResponse, state: StreamState): OpenWatch {
  return {
    url,
    inject(text) {
      if (state.atLineEnd) response.write(text);
      else state.inserts.push(text);
    },
    end: () => void response.end(),
    cut: () => response.destroy(),
    silence() {
      state.silent = true;
    },
    slow(ms) {
      state.delayMs = ms;
    },
  };
}
