import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from '../control-plane/ports.ts';
import { eventually } from '../support/eventually.ts';
import { ROOT } from '../support/root.ts';
import { type Kusk, newMachine } from './kusk.ts';
import { isOnPage, judge, type Numbers, numbersFrom } from './numbers.ts';
import { type Program, start } from './programs.ts';
import { say } from './say.ts';
import type { Stage } from './stage.ts';

/** The demo after its last act, with everything still running. */
export interface Played extends AsyncDisposable {
  /** The numbers are those that the acts must make. */
  readonly isRight: boolean;
  readonly collectorUrl: string;
  readonly metricsUrl: string;
}

export interface PlayOptions {
  /** For the endpoint's database. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const SAMPLES = join(ROOT, 'deploy/samples');
/** What the acts below create. */
const CREATIONS = { API: 2, StaticRoute: 1, EnvoyFleet: 1 };
/** Together with the install and the heartbeat of the cluster, the four of the machine, and a session. */
const EVENTS = 11;

/**
 * Plays all acts: `kusk` installs, samples, an update, a crash of the operator, one more API, the
 * dashboard, `kusk` is switched off, the seven numbers.
 */
export async function play(stage: Stage, { folder, signal }: PlayOptions): Promise<Played> {
  const writeKey = randomBytes(16).toString('hex');
  const collector = start('collector', {
    args: ['--listen', '127.0.0.1:0', '--database', join(folder, 'collector.db')],
    env: { COLLECTOR_WRITE_KEY: writeKey },
    show: ({ msg, address }) => [msg, address].filter(Boolean).join(' '),
  });
  const running: Program[] = [collector];
  const end = async () => {
    for (const program of running.reverse()) await program.stop('SIGTERM');
  };
  signal.addEventListener('abort', () => void end(), { once: true });
  try {
    const { address } = await collector.line(({ msg }) => msg === 'listening');
    const collectorUrl = withScheme(String(address));
    const [health, metrics] = [await freePort(), await freePort()];
    const operate = () => {
      const operator = startOperator(stage, { endpoint: collectorUrl, writeKey, health, metrics });
      running.push(operator);
      return operator;
    };
    const kusk = await newMachine({
      home: join(folder, 'home'),
      kubeconfig: stage.kubeconfig,
      endpoint: collectorUrl,
      writeKey,
    });
    await install(kusk, stage, collectorUrl);
    await acts(stage, operate);
    await kusk.lookAtDashboard(stage.namespace);
    say('kusk', await kusk.run('analytics', 'status', '--namespace', stage.namespace));
    say('kusk', await kusk.run('analytics', 'disable'));
    const numbers = await eventually(() => numbersFrom(collectorUrl, EVENTS));
    show(numbers);
    const isCounted = judge(numbers, { creations: CREATIONS, isExact: stage.isOurs });
    const isRight = (await isOnPage(collectorUrl, numbers)) && isCounted;
    const metricsUrl = `http://127.0.0.1:${metrics}/metrics`;
    return { isRight, collectorUrl, metricsUrl, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The first run at a terminal shows the notice and sends nothing; the second is counted. */
async function install(
  kusk: Kusk,
  { kubectl, namespace, isOurs }: Stage,
  endpoint: string,
): Promise<void> {
  const where = ['--namespace', namespace, '--endpoint', endpoint];
  const command = ['cluster', 'install', '--export', ...where];
  await kusk.runAtTerminal(...command);
  const objects = await kusk.run(...command);
  if (!isOurs) return;
  say('$', 'kubectl apply --server-side --force-conflicts -f -');
  const file = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
  say('kubectl', await kubectl(file, { input: objects }));
  say('demo', 'this cluster has no node: the demo runs the operator in the place of its pods');
}

async function acts(stage: Stage, operate: () => Program): Promise<void> {
  const { kubectl, namespace } = stage;
  const inNamespace = (...args: readonly string[]) => kubectl(['-n', namespace, ...args]);
  const first = operate();
  await first.line(isSent('heartbeat'));

  say('kubectl', await inNamespace('apply', '-f', SAMPLES));
  for (const name of ['api', 'static-route', 'envoy-fleet']) {
    await first.line(isSent(`${name}-created`));
  }
  say('kubectl', await inNamespace('annotate', 'api/sample', 'example.com/note=an update'));
  say('demo', 'the operator is killed (SIGKILL), and started again');
  await first.stop('SIGKILL');
  const second = operate();
  await second.line(({ state }) => state === 'leading');

  const file = join(ROOT, 'lab/demo/one-more.yaml');
  say('kubectl', await inNamespace('apply', '-f', file));
  await second.line(isSent('api-created'));
}

function isSent(name: string) {
  return ({ msg, payload }: Readonly<Record<string, unknown>>) =>
    msg === 'sent' && (payload as { properties: { event: string } }).properties.event === name;
}

interface OperatorOptions {
  readonly endpoint: string;
  readonly writeKey: string;
  readonly health: number;
  readonly metrics: number;
}

function startOperator(stage: Stage, options: OperatorOptions): Program {
  return start('gateway', {
    args: [],
    env: {
      KUBECONFIG: stage.operatorKubeconfig,
      // As in a Deployment: the same pod's container is started again under the same name.
      POD_NAME: 'kusk-gateway-manager-0',
      POD_NAMESPACE: stage.namespace,
      ANALYTICS_ENDPOINT: options.endpoint,
      ANALYTICS_WRITE_KEY: options.writeKey,
      HEALTH_PROBE_BIND_ADDR: `127.0.0.1:${options.health}`,
      METRICS_BIND_ADDR: `127.0.0.1:${options.metrics}`,
    },
    show({ level, time, msg, ...rest }) {
      return [msg, Object.keys(rest).length > 0 ? JSON.stringify(rest) : ''].join(' ');
    },
  });
}

function withScheme(address: string): string {
  return address.startsWith('http') ? address : `http://${address}`;
}

function show({ total }: Numbers): void {
  console.log('\nThe seven numbers, as the endpoint has them:\n');
  const rows: readonly (readonly [string, number])[] = [
    ['1  CLI installations', total.cliInstallations],
    ['2  unique CLI usages in a day', total.cliUsages],
    ['3  installations to a cluster', total.clusterInstallations],
    ['4  unique active cluster installations', total.activeClusters],
    ['5  people who disabled telemetry', total.disabled],
    ['6  unique sessions in the UI', total.uiSessions],
    ['7  API creations', total.creations.API],
    ['   StaticRoute creations', total.creations.StaticRoute],
    ['   EnvoyFleet creations', total.creations.EnvoyFleet],
  ];
  for (const [title, value] of rows)
    console.log(`  ${title.padEnd(42)}${String(value).padStart(4)}`);
  console.log();
}
