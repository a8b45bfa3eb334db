import type { Message } from '../event.ts';
import { sentPayload } from './payload.ts';

/** Returns events as they would leave, each as JSON and a line end. Sends nothing. */
export function preview(events: readonly Message[]): string {
  return events.map((event) => `${JSON.stringify(sentPayload(event))}\n`).join('');
}
