/**
 * A program that delivers one event to the given address, closes, and ends by itself. Writes the
 * outcome, and the handles that are left, as JSON.
 */
import { connectOutbound } from '../../src/deliver/outbound.ts';
import { segment } from '../../src/deliver/segment.ts';
import { anEvent } from './events.ts';

const outbound = connectOutbound({ environment: process.env });
const { deliver, close } = segment({
  endpoint: new URL(process.argv[2] ?? ''),
  writeKey: 'the-write-key',
  fetch: outbound.fetch,
  timeoutMs: Number(process.argv[3] ?? 5_000),
  flushAt: 1,
  flushIntervalMs: 600_000,
  onAcknowledged: () => {},
});

const outcome = await deliver(anEvent()).then(
  () => 'delivered',
  (error: Error) => error.message,
);
await close();
await outbound.close();
const left = process.getActiveResourcesInfo().filter((kind) => !/^(?:TTY|Pipe|FS)/.test(kind));
process.stdout.write(JSON.stringify({ outcome, left }));
