import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../control-plane/ports.ts';
import { eventually } from './eventually.ts';
import { programOf } from './programs.ts';
import { ROOT } from './root.ts';

/** What Node has compiled of bundles, by their content. */
const COMPILED = join(ROOT, 'node_modules/.cache/kusk-bundles');

export interface OperatorOptions {
  readonly kubeconfig: string;
  /** The endpoint's URL. */
  readonly endpoint: string;
  /** The lease's identity. With the same one again, it takes its lease back immediately after a SIGKILL. */
  readonly podName?: string;
  /** Another file than `programOf` names. */
  readonly program?: string;
  readonly namespace?: string;
  /** Command line arguments, such as `--config FILE`. */
  readonly args?: readonly string[];
  /** Node's own arguments, such as `--import FILE`. */
  readonly nodeArgs?: readonly string[];
  /** A program with its arguments that runs the operator's process in its own place. */
  readonly wrap?: readonly string[];
  /** More of the environment, or other values; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A line of the operator's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The operator as a process of its own. */
export interface Operator extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Everything it has logged. */
  readonly lines: readonly LogLine[];
  /** Everything it has written to stdout and stderr. */
  readonly output: () => string;
  readonly healthUrl: string;
  readonly metricsUrl: string;
  /** Resolves once `/readyz` answers 200. Rejects with its output if it has ended. */
  readonly ready: () => Promise<void>;
  /** Sends a signal and waits for the end. Resolves with the exit code, or the signal that ended it. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | string>;
}

export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const { wrap = [], nodeArgs = [], args = [], program = programOf('kusk-gateway') } = options;
  const [health, metrics] = await Promise.all([freePort(), freePort()]);
  const isBundle = !program.endsWith('.ts');
  const env = {
    PATH: process.env.PATH,
    // A bundle's coverage can't be counted for `src/`.
    NODE_V8_COVERAGE: isBundle ? undefined : process.env.NODE_V8_COVERAGE,
    // As in the image, which has its code compiled.
    NODE_COMPILE_CACHE: isBundle ? COMPILED : undefined,
    KUBECONFIG: options.kubeconfig,
    POD_NAME: options.podName ?? 'operator',
    POD_NAMESPACE: options.namespace ?? 'kusk-system',
    ANALYTICS_ENDPOINT: options.endpoint,
    ANALYTICS_WRITE_KEY: 'test-write-key',
    HEALTH_PROBE_BIND_ADDR: `127.0.0.1:${health}`,
    METRICS_BIND_ADDR: `127.0.0.1:${metrics}`,
    ...options.env,
  };
  const [command = '', ...rest] = [...wrap, process.execPath, ...nodeArgs, program, ...args];
  const child = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const lines: LogLine[] = [];
  let output = '';
  let line = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    const parts = (line + chunk).split('\n');
    line = parts.pop() ?? '';
    for (const part of parts) if (part.startsWith('{')) lines.push(JSON.parse(part));
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });

  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    const [code, by] = (await ended) as [number | null, string | null];
    return code ?? by ?? 'unknown';
  };
  const healthUrl = `http://127.0.0.1:${health}`;
  return {
    process: child,
    lines,
    output: () => output,
    healthUrl,
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    async ready() {
      await eventually(async () => {
        if (hasEnded()) return;
        const { status } = await fetch(`${healthUrl}/readyz`);
        if (status !== 200) throw new Error(`not ready: ${status}\n${output}`);
      });
      if (hasEnded()) throw new Error(`The operator has ended.\n${output}`);
    },
    stop,
    async [Symbol.asyncDispose]() {
      if (!hasEnded()) await stop('SIGKILL');
    },
  };
}
