import type { BackupConfig } from '../collector/backup-flags.ts';
import type { CollectorConfig } from '../collector/flags.ts';
import type { TransferConfig } from '../collector/transfer-flags.ts';
import { requireNode, runProgram } from './program.ts';

requireNode('kusk-collector');

// A database, its log and its copies are created for their owner only. Those that exist keep their mode.
process.umask(0o077);

// Loaded after program.ts has added the handlers of signals.
const { createLogger } = await import('./logger.ts');
const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
const { createApp } = await import('../collector/app.ts');
const { byteBudget } = await import('../collector/ingest/byte-budget.ts');
const { measureStore } = await import('../collector/measure-store.ts');
const { collectorMetrics } = await import('../collector/metrics.ts');
const { BACKUP_HELP, parseBackupFlags } = await import('../collector/backup-flags.ts');
const { GUESSABLE_READ_KEY, isGuessable, parseFlags } = await import('../collector/flags.ts');
const { HELP } = await import('../collector/help.ts');
const { keyChecker } = await import('../web/keys.ts');
const { pageCookie } = await import('../collector/pages/access.ts');
const { openLater } = await import('../collector/open-later.ts');
const { openStore, storeLog } = await import('../collector/open-store.ts');
const { retention } = await import('../collector/retention.ts');
const { serve } = await import('../collector/serve.ts');
const { backUp } = await import('../collector/store/sqlite/backup.ts');
const { runAll } = await import('../runtime/run.ts');
const { TRANSFER_HELP, parseTransferFlags } = await import('../collector/transfer-flags.ts');
const { systemTime } = await import('../runtime/time.ts');

/** The bodies of all requests together. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const GRACE_MS = 5_000;

await runProgram<CollectorConfig | BackupConfig | TransferConfig>({
  name: 'kusk-collector',
  async parse(args, env) {
    if (args[0] === 'backup') {
      const config = parseBackupFlags(args.slice(1), { env });
      return config === 'help' ? BACKUP_HELP : config;
    }
    if (args[0] === 'export' || args[0] === 'import') {
      const config = parseTransferFlags(args[0], { args: args.slice(1), env });
      return config === 'help' ? TRANSFER_HELP : config;
    }
    const config = parseFlags(args, { env });
    if (config === 'help') return HELP;
    return config === 'version' ? `${manifest.version}\n` : config;
  },
  async run(config, stop) {
    if (!('command' in config)) return await collect(config, stop);
    if (config.command === 'backup') {
      const path = await backUp(config.database, { ...config, now: systemTime.now });
      process.stdout.write(`${path}\n`);
      return;
    }
    const { createInterface } = await import('node:readline');
    const { transfer } = await import('../collector/transfer.ts');
    const isRight = await transfer(config, {
      lines: () => createInterface({ input: process.stdin }),
      write: print,
      note: (text) => process.stderr.write(text),
      time: systemTime,
      env: process.env,
      signal: stop.signal,
    });
    if (!isRight) process.exitCode = 2;
  },
});

/** Resolves once the text is written. Rejects if the reader of the output has ended. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

async function collect(config: CollectorConfig, stop: AbortController): Promise<void> {
  const {
    host,
    port,
    database,
    clickHouse,
    writeKeys,
    readKey,
    isPublic,
    maxPerSecond,
    logLevel,
    keepDays,
  } = config;
  const log = await createLogger({ level: logLevel });
  const failures = storeLog(log);
  const open = () => openStore(config, { log, time: systemTime, env: process.env, failures });
  const later = clickHouse && openLater({ open, time: systemTime, ...failures });
  // A file that can't be used ends the program before it listens.
  const opened = later?.store ?? (await open());
  const budget = byteBudget({ maxBytes: MAX_BODY_BYTES });
  const metrics = collectorMetrics(budget);
  const store = measureStore(opened, { ...metrics, steady: systemTime.steady });
  const app = createApp({
    store,
    metrics,
    budget,
    log,
    time: systemTime,
    isWriteKey: keyChecker(writeKeys),
    isReadKey: readKey === undefined ? undefined : keyChecker([readKey]),
    isPageCookie: readKey === undefined ? undefined : keyChecker([pageCookie(readKey)]),
    isPublic,
    maxPerSecond,
  });
  function onListening(address: string): void {
    const at = clickHouse ? { clickHouse } : { database };
    log.info({ address, ...at, readKeyNeeded: readKey !== undefined }, 'listening');
    if (readKey !== undefined && isGuessable(readKey)) log.warn(GUESSABLE_READ_KEY);
  }
  try {
    const parts = [serve(app, { host, port, graceMs: GRACE_MS, onListening })];
    if (later) parts.push(later.run);
    if (keepDays !== undefined) {
      const removal = retention({ store, keepDays, log, time: systemTime });
      parts.push(later?.whenOpen(removal) ?? removal);
    }
    await runAll(parts, stop.signal);
    log.info({}, 'stopped');
  } finally {
    await store.close();
  }
}
