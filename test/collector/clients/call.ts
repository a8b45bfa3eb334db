/** A call of a client's API, as the programs beside this file read it from their standard input. */
export interface Call {
  readonly type: 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias';
  /** Absent, the client makes one. */
  readonly messageId?: string;
  readonly userId: string;
  /** Of a `track`: the source. */
  readonly event: string;
  /** Of a `track`: `properties.event`. Of the others: whatever name or second id they need. */
  readonly name: string;
}

/** What a client's own callbacks reported. */
export interface Outcomes {
  readonly sent: number;
  readonly failed: number;
}
