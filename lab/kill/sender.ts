import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WRITE_KEY } from './collector-process.ts';

export interface SenderOptions {
  /** Returns the address of a collector that probably runs. */
  readonly urlOf: () => string;
  /** Returns a number in [0, 1). */
  readonly roll: () => number;
}

/** Sends batches until stopped. A batch that is not acknowledged is sent again, as Segment's clients do. */
export interface Sender {
  /** The ids of the messages that were acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
  /** Sends what is not acknowledged until it is. Resolves with the ids of all messages. */
  readonly stop: () => Promise<ReadonlySet<string>>;
}

const PER_BATCH = 20;
const LANES = 4;
const TIMEOUT_MS = 15_000;

export function startSender({ urlOf, roll }: SenderOptions): Sender {
  const sent = new Set<string>();
  const acknowledged = new Set<string>();
  let isStopping = false;

  function nextBatch(lane: number): readonly string[] {
    const fresh = Array.from({ length: PER_BATCH }, () => hash(`${lane} ${sent.size} ${roll()}`));
    // Repeats of what may be stored already.
    const repeats = [...sent].slice(-PER_BATCH).filter(() => roll() < 0.2);
    for (const id of fresh) sent.add(id);
    return [...fresh, ...repeats];
  }

  async function runLane(_: unknown, lane: number): Promise<void> {
    while (!isStopping) {
      const ids = nextBatch(lane);
      while (!(await isAcknowledged(urlOf(), ids))) await sleep(50);
      for (const id of ids) acknowledged.add(id);
    }
  }

  const lanes = Array.from({ length: LANES }, runLane);
  return {
    acknowledged,
    async stop() {
      isStopping = true;
      await Promise.all(lanes);
      return sent;
    },
  };
}

async function isAcknowledged(url: string, ids: readonly string[]): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/batch`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${WRITE_KEY}:`).toString('base64')}` },
      body: JSON.stringify({ batch: ids.map(anEvent) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}

/** A repeat differs in its time. */
function anEvent(messageId: string) {
  const userId = hash('cluster');
  return {
    messageId,
    anonymousId: userId,
    userId,
    event: 'kusk-gateway',
    properties: { event: 'api-created' },
    timestamp: new Date().toISOString(),
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
