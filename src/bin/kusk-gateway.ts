// As process 1 it would not notice a signal that comes before its handler: all else is loaded later.
const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
// Whatever reads the log may end before the operator does.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { randomBytes } = await import('node:crypto');
const { hostname } = await import('node:os');
const { parseArgs } = await import('node:util');
const { pino } = await import('pino');
const { connect } = await import('../cluster/connect.ts');
const { leaseStore } = await import('../cluster/lease.ts');
const { ledgerStore } = await import('../cluster/ledger-configmap.ts');
const { recovery } = await import('../cluster/recovery.ts');
const { systemTime } = await import('../runtime/time.ts');
const { operatorLog: announcer } = await import('../operator/observability/log.ts');
const { parseConfig } = await import('../operator/config/config.ts');
const { readConfigFile } = await import('../operator/config/file.ts');
const { readConfigText } = await import('../operator/config/watch-file.ts');
const { serve } = await import('../operator/observability/probes.ts');
const { metrics } = await import('../operator/observability/metrics.ts');
const { operate } = await import('../operator/operate.ts');
const { metricsPage, probes } = await import('../operator/observability/probes.ts');
const { newHealth: newStatus } = await import('../operator/observability/health.ts');

/** How long the process may take to end once all is done, in milliseconds. */
const END_MS = 1_000;

const USAGE = `Usage: kusk-gateway [--config FILE] [--opt-out FILE]...

Watches API, StaticRoute and EnvoyFleet resources, and tells how many are created, as
docs/telemetry.md says. Each of these switches telemetry off: ANALYTICS_ENABLED=false,
DO_NOT_TRACK=1, analytics.enabled: false in --config's FILE, or false in an --opt-out's FILE, which is
a mounted key of a ConfigMap: \`enabled\` of kusk-gateway-opt-out. All files are followed while the
operator runs; those of --opt-out need not exist.
`;

const environment = process.env;
const { values } = options();
const path = values.config;
const optOutPaths = values['opt-out'];
const config = orExit(parseConfig)(
  readConfigFile(path ?? '', await readConfigText(path)),
  environment,
);
const log = pino(
  {
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  },
  // JSON for machines; for a person at a terminal it is laid out.
  process.stdout.isTTY ? (await import('pino-pretty')).default({ sync: true }) : process.stdout,
);
const connection = orExit(connect)({ kubeconfig: config.kubeconfig, kill: process.kill });
const namespace = config.namespace ?? connection.namespace ?? 'kusk-system';
const status = newStatus();

const recovering = recovery({ time: systemTime, random: Math.random });
const request = recovering.track(connection.request);
const servers = await Promise.all([
  config.health === 'none' ? undefined : serve(probes(status, systemTime.steady), config.health),
  config.metrics === 'none'
    ? undefined
    : serve(metricsPage(metrics(status, systemTime.now)), config.metrics),
]).catch((error: unknown) =>
  exit(
    1,
    `${messageOf(error)}: set HEALTH_PROBE_BIND_ADDR or METRICS_BIND_ADDR to another address`,
  ),
);

await operate(
  {
    config,
    configPath: path,
    optOutPaths,
    environment,
    request,
    ledgers: ledgerStore({ request, namespace }),
    leases: leaseStore({ request, namespace }),
    identity: config.podName ?? `${hostname()}_${randomBytes(8).toString('hex')}`,
    log: announcer(log, { namespace, followsOptOut: optOutPaths.length > 0 }),
    health: status,
    time: systemTime,
    recovery: recovering,
    random: Math.random,
    randomId: () => randomBytes(32).toString('hex'),
    onFatal(error) {
      log.fatal({ reason: messageOf(error) }, 'the operator cannot go on');
      process.exitCode = 1;
      stop.abort();
    },
  },
  stop.signal,
);
await connection.close();
await Promise.all(servers.map((server) => server?.close()));
// Only a read of a file system that hangs can hold the process now, and `exit` would wait for it too.
setTimeout(() => {
  process.kill(process.pid, 'SIGKILL');
  // Process 1 of a container is spared by its own signals.
  process.abort();
}, END_MS).unref();

function options() {
  try {
    const parsed = parseArgs({
      options: {
        config: { type: 'string' },
        'opt-out': { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (parsed.values.help) return exit(0, USAGE);
    // An empty name, as of an unset variable, would be a file that says nothing for ever.
    if (parsed.values['opt-out'].includes(''))
      throw new Error('--opt-out needs the path of a file');
    return parsed;
  } catch (error) {
    return exit(2, `${messageOf(error)}\n\n${USAGE}`);
  }
}

/** Wrong settings are said in plain words, without a stack. */
function orExit<Rest extends readonly unknown[], Value>(make: (...rest: Rest) => Value) {
  return (...rest: Rest): Value => {
    try {
      return make(...rest);
    } catch (error) {
      return exit(2, messageOf(error));
    }
  };
}

function exit(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(`${text.trimEnd()}\n`);
  process.exit(code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
