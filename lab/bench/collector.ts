import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LIMITS } from '../../src/collector/ingest/batch.ts';
import { startCollector, WRITE_KEY } from '../chaos/collector.ts';
import { buildInto } from '../support/build.ts';
import { median } from '../support/median.ts';
import { startChild } from './child.ts';
import type { Line } from './line.ts';
import { memoryOf } from './proc.ts';

const SLOW_SENDERS = join(import.meta.dirname, 'slow-senders.ts');
const EVENTS_PER_BATCH = 20;
const PAUSE_MS = 50;
/** An honest sender waits no longer. */
const LIMIT_MS = 1_000;
const CHUNKED_REQUESTS = 8;
const ROUNDS = 3;

/** Response times of an honest sender beside slow ones, and memory under tiny chunks. */
export async function collector(quick: boolean): Promise<readonly Line[]> {
  const [slow, batches] = quick ? [200, 40] : [2_000, 500];
  const folder = await mkdtemp(join(tmpdir(), 'kusk-bench-collector-'));
  try {
    const program = await buildInto(folder, { name: 'kusk-collector' });
    return [
      ...(await besideSlowSenders(folder, { program, slow, batches })),
      await underTinyChunks(folder, { program }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface SlowOptions {
  readonly program: string;
  /** How many slow connections. */
  readonly slow: number;
  /** How many batches the honest sender sends. */
  readonly batches: number;
}

async function besideSlowSenders(
  folder: string,
  { program, slow, batches }: SlowOptions,
): Promise<readonly Line[]> {
  await using collector = await startCollector(folder, { program });
  await responseTimes(collector.url, { batches: batches / 10 });
  const alone = await responseTimes(collector.url, { batches });
  await using crowd = startChild(process.execPath, [SLOW_SENDERS, collector.url, String(slow)]);
  await crowd.ready;
  const beside = await responseTimes(collector.url, { batches });
  const of = `beside ${slow} slow connections`;
  const parts = [
    { what: 'response time, median', pick: median, target: {} },
    { what: 'response time, 99th percentile', pick: percentile99, target: {} },
    { what: 'response time, slowest', pick: slowest, target: { target: { value: LIMIT_MS } } },
  ];
  return parts.map(({ what, pick, target }) => ({
    section: 'collector',
    what: `${what} of ${batches}`,
    unit: 'ms',
    figure: { of, value: pick(beside) },
    against: { of: 'alone', value: pick(alone) },
    ...target,
  }));
}

async function underTinyChunks(
  folder: string,
  { program }: Pick<SlowOptions, 'program'>,
): Promise<Line> {
  await using collector = await startCollector(folder, { program });
  await responseTimes(collector.url, { batches: 1 });
  const idle = await memoryOf(collector.pid);
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all(Array.from({ length: CHUNKED_REQUESTS }, () => sendByBytes(collector.url)));
  }
  const after = await memoryOf(collector.pid);
  return {
    section: 'collector',
    what: `memory, ${CHUNKED_REQUESTS} bodies in one-byte chunks`,
    unit: 'MiB',
    figure: { of: 'collector, peak', value: after.peak },
    against: { of: 'collector, idle', value: idle.settled },
  };
}

/** Sends batches one after the other; returns the milliseconds that each took. */
async function responseTimes(
  url: string,
  { batches }: Pick<SlowOptions, 'batches'>,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < batches; index += 1) {
    const body = JSON.stringify({ batch: Array.from({ length: EVENTS_PER_BATCH }, anEvent) });
    const startedAt = performance.now();
    await post(`${url}/v1/batch`, body);
    times.push(performance.now() - startedAt);
    await setTimeout(PAUSE_MS);
  }
  return times;
}

function anEvent() {
  const userId = 'a'.repeat(64);
  return {
    messageId: crypto.randomUUID(),
    anonymousId: userId,
    userId,
    event: 'kusk-gateway',
    properties: { event: 'api-created' },
    timestamp: new Date().toISOString(),
  };
}

async function post(url: string, body: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${WRITE_KEY}:`).toString('base64')}`;
  const sent = request(url, { method: 'POST', agent: false, headers: { authorization } });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) {
    throw new Error(`An honest sender's response is ${response.statusCode}`);
  }
}

/** Sends the greatest body that is allowed, without a key, until the collector closes or responds. */
async function sendByBytes(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  const ended = Promise.race([once(socket, 'close'), once(socket, 'data')]);
  socket.write(
    `POST /v1/batch HTTP/1.1\r\nHost: ${hostname}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  socket.write('1\r\n \r\n'.repeat(LIMITS.batchBytes));
  socket.write('0\r\n\r\n');
  await ended;
  socket.destroy();
}

function percentile99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN;
}

function slowest(values: readonly number[]): number {
  return Math.max(...values);
}
