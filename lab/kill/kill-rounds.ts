import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouse } from '../clickhouse/start.ts';
import { eventually } from '../support/eventually.ts';
import { dice } from '../support/seeded-random.ts';
import { type CollectorProcess, startCollectorProcess } from './collector-process.ts';
import { startSender } from './sender.ts';

export interface KillOptions {
  /** Flags of each collector, of its store. */
  readonly flags: readonly string[];
  readonly collectors: number;
  /** Is killed too, now and then. */
  readonly server?: ClickHouse | undefined;
  readonly rounds: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

/** What was lost or counted twice. */
export interface KillResult {
  readonly kills: number;
  readonly sent: number;
  /** Messages that were acknowledged and are not there. */
  readonly lost: number;
  /** What the numbers have, more or less than the messages. */
  readonly miscounted: number;
}

const MAX_UP_MS = 600;
/** Of ten kills, how many are the server's. */
const SERVER_KILLS = 0.2;

/** Kills processes at random moments while a sender sends, and then compares the store with what was sent. */
export async function killRounds(options: KillOptions): Promise<KillResult> {
  const { flags, collectors, server, rounds, seed, log } = options;
  const roll = dice(seed);
  const start = () => startCollectorProcess(flags);
  const running: CollectorProcess[] = [];
  for (let index = 0; index < collectors; index += 1) running.push(await start());
  const pick = () => Math.floor(roll() * running.length);
  const sender = startSender({ urlOf: () => running[pick()]?.url ?? '', roll });

  async function killOne(): Promise<void> {
    await sleep(roll() * MAX_UP_MS);
    if (server !== undefined && roll() < SERVER_KILLS) {
      await server.kill();
      await sleep(roll() * MAX_UP_MS);
      await server.restart();
      return;
    }
    const index = pick();
    await running[index]?.kill();
    running[index] = await start();
  }

  try {
    for (let round = 1; round <= rounds; round += 1) {
      await killOne();
      if (round % 10 === 0) log(`${round} kills, ${sender.acknowledged.size} acknowledged`);
    }
    const sent = await sender.stop();
    const stored = await storedIn(running[0]?.url ?? '');
    const lost = [...sender.acknowledged].filter((id) => !stored.ids.has(id)).length;
    const miscounted = Math.max(
      Math.abs(stored.creations - sent.size),
      Math.abs(stored.accepted - sent.size),
      Math.abs(stored.events - sent.size),
    );
    return { kills: rounds, sent: sent.size, lost, miscounted };
  } finally {
    await Promise.all(running.map((one) => one.kill()));
  }
}

interface Numbers {
  readonly total: { readonly creations: { readonly API: number } };
  readonly received: { readonly accepted: number };
}

/** Asks until the store is there: a collector listens before its ClickHouse does. */
function read(url: string): Promise<string> {
  return eventually(async () => {
    const response = await fetch(url);
    const text = await response.text();
    if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
    return text;
  });
}

async function storedIn(url: string) {
  const { total, received } = JSON.parse(await read(`${url}/v1/numbers`)) as Numbers;
  const ids = new Set<string>();
  let events = 0;
  for (let after = ''; ; ) {
    const text = await read(`${url}/v1/events?limit=10000&after=${after}`);
    const page = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { readonly seq: string; readonly messageId: string });
    if (page.length === 0) break;
    events += page.length;
    for (const { messageId } of page) ids.add(messageId);
    after = String(page.at(-1)?.seq);
  }
  return { ids, events, creations: total.creations.API, accepted: received.accepted };
}
