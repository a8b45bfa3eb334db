/** Where a command writes to: stdout or stderr. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** False if the output goes into a file or a pipe. */
  readonly isTerminal: boolean;
  /** The width that text is laid out for, in characters. */
  readonly columns: number;
  /** Whether text may be coloured. */
  readonly colors: boolean;
}
