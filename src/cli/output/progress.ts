import type { Time } from '../../runtime/time.ts';
import { safeText } from './safe-text.ts';
import type { Terminal } from './terminal.ts';

/** What a command is doing, on stderr. Text may come from a cluster: control characters are escaped. */
export interface Progress {
  /**
   * Says what the command waits for.
   *
   * At a terminal it is one line with a spinner and the elapsed time, which the next call replaces.
   * Elsewhere it is a plain line, printed once for each text.
   */
  readonly wait: (text: string) => void;
  /** Prints a line that stays. */
  readonly line: (text: string) => void;
  /** Removes the spinner. To be called at the end, also after an error. */
  readonly stop: () => void;
}

export interface ProgressOptions {
  readonly terminal: Terminal;
  readonly time: Pick<Time, 'steady' | 'after'>;
}

const FRAMES = ['|', '/', '-', '\\'] as const;
const FRAME_MS = 120;
/** Back to the first column, and delete to the end of the line. */
const CLEAR = '\r\u001b[K';

export function newProgress({ terminal, time }: ProgressOptions): Progress {
  return terminal.isTerminal ? spinner({ terminal, time }) : plainLines(terminal);
}

function plainLines({ write }: Terminal): Progress {
  let last = '';
  return {
    wait(text) {
      if (text !== last) write(`${safeText(text)}\n`);
      last = text;
    },
    line: (text) => write(`${safeText(text)}\n`),
    stop: () => {},
  };
}

function spinner({ terminal, time }: ProgressOptions): Progress {
  const { write, columns } = terminal;
  const startedAt = time.steady();
  let waitingFor = '';
  let frame = 0;
  let cancel = () => {};

  function draw(): void {
    const seconds = Math.floor((time.steady() - startedAt) / 1000);
    const elapsed = ` (${seconds} s)`;
    // A line that wraps could not be replaced.
    const room = Math.max(0, columns - elapsed.length - 3);
    const text = safeText(waitingFor).slice(0, room);
    write(`${CLEAR}${FRAMES[frame % FRAMES.length]} ${text}${elapsed}`);
    frame += 1;
    cancel = time.after(FRAME_MS, draw);
  }

  function stop(): void {
    cancel();
    if (waitingFor !== '') write(CLEAR);
    waitingFor = '';
  }

  return {
    wait(text) {
      cancel();
      waitingFor = text;
      draw();
    },
    line(text) {
      const before = waitingFor;
      stop();
      write(`${safeText(text)}\n`);
      waitingFor = before;
      if (before !== '') draw();
    },
    stop,
  };
}
