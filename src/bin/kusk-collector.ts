import { pino } from 'pino';
import manifest from '../../package.json' with { type: 'json' };
import { createApp } from '../collector/app.ts';
import { FlagError } from '../collector/flag-error.ts';
import { type CollectorConfig, parseFlags } from '../collector/flags.ts';
import { HELP } from '../collector/help.ts';
import { knownKeys } from '../collector/keys.ts';
import { admission } from '../collector/overload.ts';
import { serve } from '../collector/serve.ts';
import { openStore } from '../collector/store.ts';

/** With 500 KB each, what is under way holds at most some 64 MB. */
const MAX_IN_FLIGHT = 64;
const GRACE_MS = 5_000;

async function run(config: CollectorConfig): Promise<void> {
  const log = pino({ base: null });
  const { host, port, database, readKey } = config;
  const store = openStore(database);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  const app = createApp({
    store,
    log,
    now: Date.now,
    knowsWriteKey: knownKeys(config.writeKeys),
    knowsReadKey: readKey === undefined ? undefined : knownKeys([readKey]),
    admit: admission({
      maxInFlight: MAX_IN_FLIGHT,
      maxPerSecond: config.maxPerSecond,
      now: Date.now,
    }),
  });
  function onListening(address: string): void {
    log.info({ address, database, readKeyNeeded: readKey !== undefined }, 'listening');
  }
  try {
    await serve(app, { host, port, graceMs: GRACE_MS, onListening })(stop.signal);
    log.info({}, 'stopped');
  } finally {
    store.close();
  }
}

async function main(): Promise<void> {
  const config = parseFlags(process.argv.slice(2), { env: process.env });
  if (config === 'help') process.stdout.write(HELP);
  else if (config === 'version') process.stdout.write(`${manifest.version}\n`);
  else await run(config);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`kusk-collector: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof FlagError ? 2 : 1;
}
