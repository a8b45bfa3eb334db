import type { ServerResponse } from 'node:http';

/** A watch that is under way. */
export interface OpenWatch {
  readonly url: string;
  /** Slips something into the stream. */
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
}

/** A watch by its answer and the state of its stream, which it changes in place. */
export function openWatch(url: string, response: ServerResponse, state: StreamState): OpenWatch {
  return {
    url,
    inject: (text) => void response.write(text),
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
