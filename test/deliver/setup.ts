import type { TestContext } from 'node:test';
import { connectOutbound } from '../../src/deliver/outbound.ts';
import type { SentPayload } from '../../src/deliver/payload.ts';
import { type SegmentOptions, segment } from '../../src/deliver/segment.ts';
import type { Environment } from '../../src/runtime/environment.ts';

export const WRITE_KEY = 'the-write-key';

export interface DeliveryOptions extends Partial<SegmentOptions> {
  readonly endpoint: URL;
  readonly environment?: Environment;
}

/** Wires delivery as a program does, and closes it after the test. */
export function delivery(t: TestContext, { environment = {}, ...options }: DeliveryOptions) {
  const outbound = connectOutbound({ environment });
  const acknowledged: SentPayload[] = [];
  const { deliver, close } = segment({
    writeKey: WRITE_KEY,
    fetch: outbound.fetch,
    timeoutMs: 5_000,
    flushAt: 1,
    flushIntervalMs: 600_000,
    onAcknowledged: (payload) => acknowledged.push(payload),
    ...options,
  });
  t.after(async () => {
    await close();
    await outbound.close();
  });
  return { deliver, close, acknowledged, outbound };
}
