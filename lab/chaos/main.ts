/**
 * `npm run chaos`: a real control plane, the endpoint and two operators, faults on all sides of them
 * by a schedule that a seed makes, and users who do not care. At the end the endpoint's store is
 * compared with the API server's audit log, creation by creation.
 */

import { randomInt } from 'node:crypto';
import { UsageError } from '../support/usage-error.ts';
import { chaos } from './chaos.ts';
import { type ChaosOptions, commandOf, parseOptions, USAGE } from './options.ts';

const SEEDS = 1_000_000;
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => interrupted.abort());
}

/** Whether all was right. */
async function run(options: ChaosOptions): Promise<boolean> {
  console.log(commandOf(options));
  const { signal } = interrupted;
  const { verdict, amiss } = await chaos({ ...options, log: console.log, signal });
  const isRight = verdict.isRight && amiss === undefined;
  if (isRight) console.log('Nothing was lost, and nothing was told that should not have been.');
  else console.error(`WRONG. To play it again: ${commandOf(options)}`);
  return isRight;
}

try {
  const options = parseOptions(process.argv.slice(2), { randomSeed: () => randomInt(SEEDS) });
  if (options === 'help') console.log(USAGE);
  else process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (isUsage) console.error(`${error.message}\n\n${USAGE}`);
  else if (!interrupted.signal.aborted) console.error('chaos:', error);
  process.exitCode = isUsage ? 2 : interrupted.signal.aborted ? 130 : 1;
}
