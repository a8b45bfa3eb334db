import { messageOf, runProgram } from './program.ts';

// Loaded after program.ts has added the handlers of signals.
const { createLogger } = await import('./logger.ts');
const { randomBytes } = await import('node:crypto');
const { hostname } = await import('node:os');
const { connect } = await import('../cluster/connect.ts');
const { leaseStore } = await import('../cluster/lease.ts');
const { ledgerStore } = await import('../cluster/ledger-configmap.ts');
const { recovery } = await import('../cluster/recovery.ts');
const { preview } = await import('../deliver/preview.ts');
const { parseConfig } = await import('../operator/config/config.ts');
const { readConfigFile } = await import('../consent/config-file.ts');
const { OPERATOR_HELP, parseOperatorFlags } = await import('../operator/config/operator-flags.ts');
const { readConfigText } = await import('../operator/config/watch-file.ts');
const { newHealth } = await import('../operator/observability/health.ts');
const { operatorLog } = await import('../operator/observability/log.ts');
const { metrics } = await import('../operator/observability/metrics.ts');
const { metricsPage, probes, serve } = await import('../operator/observability/probes.ts');
const { operate } = await import('../operator/operate.ts');
const { exampleEvents } = await import('../record/example-events.ts');
const { systemTime } = await import('../runtime/time.ts');

type Parsed = Exclude<Awaited<ReturnType<typeof parse>>, string>;

await runProgram<Parsed>({ name: 'kusk-gateway', parse, run });

async function parse(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const values = parseOperatorFlags(args);
  if (values.help) return OPERATOR_HELP;
  if (values.preview) return preview(exampleEvents());
  const { config: configPath, 'opt-out': optOutPaths } = values;
  // An unset variable leads to an empty path. Such a file would never switch anything off.
  if (optOutPaths.includes('')) throw new Error('--opt-out needs the path of a file');
  const file = readConfigFile(configPath ?? '', await readConfigText(configPath));
  const config = parseConfig(file, environment);
  const connection = connect({ kubeconfig: config.kubeconfig, kill: process.kill });
  return { configPath, optOutPaths, environment, config, connection };
}

async function run(
  { configPath, optOutPaths, environment, config, connection }: Parsed,
  stop: AbortController,
): Promise<void> {
  const log = await createLogger({ level: config.logLevel });
  const namespace = config.namespace ?? connection.namespace ?? 'kusk-system';
  const health = newHealth();
  const attempts = recovery({ time: systemTime, random: Math.random });
  const request = attempts.track(connection.request);
  const servers = await serveHealthAndMetrics();
  await operate(
    {
      config,
      configPath,
      optOutPaths,
      environment,
      request,
      ledgers: ledgerStore({ request, namespace }),
      leases: leaseStore({ request, namespace }),
      identity: config.podName ?? `${hostname()}_${randomBytes(8).toString('hex')}`,
      log: operatorLog(log, { namespace, optOutPaths }),
      health,
      time: systemTime,
      recovery: attempts,
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

  async function serveHealthAndMetrics() {
    try {
      return await Promise.all([
        config.health === 'none'
          ? undefined
          : serve(probes(health, systemTime.steady), config.health),
        config.metrics === 'none' ? undefined : serve(metricsPage(metrics(health)), config.metrics),
      ]);
    } catch (cause) {
      const advice = 'set HEALTH_PROBE_BIND_ADDR or METRICS_BIND_ADDR to another address';
      throw new Error(`${messageOf(cause)}: ${advice}`, { cause });
    }
  }
}
