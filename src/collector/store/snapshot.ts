import type { EventName, Source } from '../../event.ts';

/** A range of UTC days, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** The counts of one event of the catalogue on one UTC day. */
export interface Tally {
  readonly day: string;
  readonly source: string;
  readonly name: string;
  readonly messages: number;
  /** How many machines, clusters or sessions sent it on this day. */
  readonly subjects: number;
  /** For how many of them this is the earliest day that they sent it. */
  readonly newcomers: number;
}

export interface SubjectsOptions extends DayRange {
  readonly source: Source;
  readonly name: EventName;
}

/** What a store holds at one moment. Nothing that is stored in the meantime shows in it. */
export interface Snapshot {
  /** Returns the tallies in the order of days. */
  readonly tallies: (range: DayRange) => readonly Tally[];
  /** Counts the subjects that sent an event within the days, each once. */
  readonly subjects: (options: SubjectsOptions) => number;
  /** Returns the first and the last day that have events, or `undefined` if there are no events. */
  readonly span: () => DayRange | undefined;
  /** Returns how many events were `accepted`, were `duplicates`, and were refused for each reason. */
  readonly outcomes: () => ReadonlyMap<string, number>;
}
