import type { whyOf } from './advice.ts';

/** Decides which failures of an outage are reported. */
export interface Outage {
  /** Returns whether a failure is the first, or the first with its advice: that one may need a person. */
  readonly hasNews: (why: ReturnType<typeof whyOf>) => boolean;
  /** Ends the outage. Returns whether there was one. */
  readonly end: () => boolean;
}

/** Limits the lines of an outage to its first failure and each further advice, however long it lasts. */
export function outage(): Outage {
  const reported = new Set<string | undefined>();
  return {
    hasNews({ todo }) {
      const isNew = reported.size === 0 || (todo !== undefined && !reported.has(todo));
      reported.add(todo);
      return isNew;
    },
    end() {
      const wasOutage = reported.size > 0;
      reported.clear();
      return wasOutage;
    },
  };
}
