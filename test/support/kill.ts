import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { oneOf } from './dice.ts';
import { eventually } from './eventually.ts';
import type { Operator } from './operator.ts';
import { accept } from './receiver.ts';
import type { Site } from './site.ts';

/** Moments at which an operator can be killed. */
const MOMENTS = [
  'at some time',
  'before the answer',
  'after the answer',
  'ledger written',
] as const;
type Moment = (typeof MOMENTS)[number];

/** It has listed, told and written within this time, in milliseconds, if nobody kills it. */
const LIFE_MS = 2_000;

export interface KillOptions {
  readonly site: Site;
  readonly roll: () => number;
  /** Called when a request has been accepted after which the operator lives on: make it send more. */
  readonly more: () => void;
}

/** Kills an operator that has just been started, at a moment that the dice choose. Tells which. */
export async function killAtRandom(operator: Operator, options: KillOptions): Promise<string> {
  const { site, roll, more } = options;
  const moment = oneOf(MOMENTS, roll);
  const count = 1 + Math.floor(roll() * 2);
  const afterMs = Math.floor(roll() * LIFE_MS);
  if (moment === 'at some time') {
    await pause(afterMs);
    await operator.stop('SIGKILL');
    return `${afterMs} ms after its start`;
  }
  if (moment === 'ledger written') await ledgerWritten(site, { count, more });
  else await requested(operator, { ...options, moment, count });
  await operator.stop('SIGKILL');
  site.receiver.behave(accept);
  return `${moment} ${count}`;
}

interface CountOptions {
  readonly count: number;
  readonly more: () => void;
}

/** Resolves at the `count`-th write of the ledger. */
async function ledgerWritten(site: Site, { count, more }: CountOptions): Promise<void> {
  const version = async () => await ledgerVersion(site);
  for (let n = 0; n < count; n += 1) {
    const before = await version();
    more();
    await eventually(async () => assert.notEqual(await version(), before), { everyMs: 2 });
  }
}

async function ledgerVersion(site: Site): Promise<string> {
  return (await site.ledger()).metadata.resourceVersion;
}

/** Resolves at the `count`-th request, having killed in the very moment of its answer, or before it. */
async function requested(
  operator: Operator,
  { site, more, moment, count }: KillOptions & { readonly moment: Moment; readonly count: number },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  site.receiver.behave((arrival, response, socket) => {
    seen += 1;
    if (seen === count && moment === 'before the answer') operator.process.kill('SIGKILL');
    accept(arrival, response, socket);
    if (seen === count && moment === 'after the answer') operator.process.kill('SIGKILL');
    if (seen < count) more();
    else resolve();
  });
  await promise;
}
