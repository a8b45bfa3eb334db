/** A call of a client's API. The programs beside this file read a list of calls from standard input. */
export interface Call {
  readonly type: 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias';
  /** If absent, the client creates one. */
  readonly messageId?: string;
  readonly userId: string;
  /** The source, for a `track`. */
  readonly event: string;
  /** `properties.event`, for a `track`. The name or second id, for the others. */
  readonly name: string;
}

/** The counts that a client's own callbacks reported. */
export interface Outcomes {
  readonly sent: number;
  readonly failed: number;
}
