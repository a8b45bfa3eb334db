import type { CollectorConfig } from '../collector/flags.ts';

// As process 1 it would not notice a signal that comes before its handler: all else is loaded later.
const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
// Whatever reads the output may end before the collector does.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { pino } = await import('pino');
const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
const { createApp } = await import('../collector/app.ts');
const { systemClock } = await import('../collector/clock.ts');
const { FlagError } = await import('../collector/flag-error.ts');
const { parseFlags } = await import('../collector/flags.ts');
const { HELP } = await import('../collector/help.ts');
const { knownKeys } = await import('../collector/keys.ts');
const { serve } = await import('../collector/serve.ts');
const { openStore } = await import('../collector/store/store.ts');

/** Of the bodies of all requests together. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const GRACE_MS = 5_000;

async function run(config: CollectorConfig): Promise<void> {
  const log = pino({ base: null });
  const { host, port, database, readKey, maxPerSecond } = config;
  const store = openStore(database);
  const app = createApp({
    store,
    log,
    now: Date.now,
    clock: systemClock,
    knowsWriteKey: knownKeys(config.writeKeys),
    knowsReadKey: readKey === undefined ? undefined : knownKeys([readKey]),
    maxPerSecond,
    maxBodyBytes: MAX_BODY_BYTES,
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
