import type { Deliver } from '../event.ts';
import { sentPayload } from './payload.ts';

/** Instead of sending: writes what would leave as one line of JSON, and resolves. */
export function preview(write: (line: string) => void): Deliver {
  return async function show(event) {
    write(JSON.stringify(sentPayload(event)));
  };
}
