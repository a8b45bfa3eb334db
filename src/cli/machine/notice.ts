import { join } from 'node:path';
import { publish, replaceFile } from './files.ts';

/** What a person reads before anything is sent. It has 80 columns at most. */
export const NOTICE = `Kusk counts how it is used, so that we learn which commands matter: that this
machine has kusk, and which of its commands ran on a day. No arguments.
This run sends nothing. Later runs do, unless you switch it off:
  kusk analytics disable      or set ANALYTICS_ENABLED=false (or DO_NOT_TRACK=1)
What would be sent: kusk analytics preview. More: kusk analytics status.
`;

export interface NoticeOptions {
  /** The path of the state folder, which exists. */
  readonly folder: string;
  /** When it is shown, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** Returns 64 random hex digits. */
  readonly randomId: () => string;
}

/**
 * Records that the notice is shown. Returns `false` if another run has just done so.
 *
 * @throws Error with a `code` if it can't be recorded.
 */
export function recordNotice({ folder, nowMs, randomId }: NoticeOptions): boolean {
  return publish(join(folder, 'notice'), { text: isoTime(nowMs), aside: randomId() });
}

/** As `recordNotice`, in place of an earlier or damaged record. */
export function recordNoticeAgain({ folder, nowMs, randomId }: NoticeOptions): void {
  replaceFile(join(folder, 'notice'), { text: isoTime(nowMs), aside: randomId() });
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
