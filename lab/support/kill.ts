import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { accept } from './endpoint.ts';
import { eventually } from './eventually.ts';
import type { Operator } from './operator.ts';
import { oneOf } from './seeded-random.ts';
import type { Site } from './site.ts';

/** It has told and written within this time, in milliseconds, if nobody kills it. */
const LIFE_MS = 2_000;

export interface KillOptions {
  readonly site: Site;
  readonly roll: () => number;
  /** Called when the operator has done something and lives on: make it do more. */
  readonly more: () => void;
}

interface Scene extends KillOptions {
  readonly operator: Operator;
  /** What is waited for happens so many times. */
  readonly count: number;
}

/** Moments at which an operator can be killed: each resolves when it has come. */
const MOMENTS = {
  'at some time': async ({ roll }: Scene) => await pause(roll() * LIFE_MS),
  'when a request has come in': async (scene: Scene) => {
    await requested(scene, { kill: 'before' });
  },
  'when a request is answered': async (scene: Scene) => {
    await requested(scene, { kill: 'after' });
  },
  'when the ledger is written': ledgerWritten,
  'when the ledger holds what the endpoint refuses': async (scene: Scene) => {
    await scene.site.refuse();
    await ledgerWritten({ ...scene, count: 1 });
  },
};
const NAMES = Object.keys(MOMENTS) as [keyof typeof MOMENTS];

/** Kills an operator that has just been started, at a random moment. Returns which. */
export async function killAtRandom(operator: Operator, options: KillOptions): Promise<string> {
  const { site, roll } = options;
  const moment = oneOf(NAMES, roll);
  const count = 1 + Math.floor(roll() * 2);
  await MOMENTS[moment]({ ...options, operator, count });
  await operator.stop('SIGKILL');
  site.endpoint.behave(accept);
  return `${moment}, ${count}`;
}

async function ledgerWritten({ site, count, more }: Scene): Promise<void> {
  const version = async () => (await site.ledger()).metadata.resourceVersion;
  for (let n = 0; n < count; n += 1) {
    const before = await version();
    more();
    await eventually(async () => assert.notEqual(await version(), before), { everyMs: 2 });
  }
}

/** Kills in the very moment of the answer to a request, or before it. */
async function requested(
  { operator, site, more, count }: Scene,
  { kill }: { readonly kill: 'before' | 'after' },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  site.endpoint.behave((...request) => {
    seen += 1;
    if (seen === count && kill === 'before') operator.process.kill('SIGKILL');
    accept(...request);
    if (seen === count && kill === 'after') operator.process.kill('SIGKILL');
    if (seen < count) more();
    else resolve();
  });
  await promise;
}
