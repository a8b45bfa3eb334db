import { type ApiProxy, startApiProxy } from '../support/api-proxy.ts';
import type { Lab } from '../support/lab.ts';
import {
  type LogLine,
  type Operator,
  type OperatorOptions,
  startOperator,
} from '../support/operator.ts';

/** One of the operators, which is ended and started again, and its own way to the API server. */
export interface Replica extends AsyncDisposable {
  readonly proxy: ApiProxy;
  readonly start: () => Promise<void>;
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
  /** Sends a signal that does not end it; without effect while it is down. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Whether it has noticed that telemetry is so; one that is down will find that at its start. */
  readonly hasNoticed: (what: 'on' | 'off') => boolean;
  /** Its process, which is another one after each start; `undefined` while it is down. */
  readonly life: () => Operator | undefined;
  /** All lines of its log, of all its lives. */
  readonly log: () => readonly LogLine[];
  /** The lines of its log that are neither of an event nor of consent, of all its lives. */
  readonly troubles: () => readonly string[];
}

export interface ReplicaOptions extends Pick<OperatorOptions, 'namespace' | 'endpoint' | 'args'> {
  readonly podName: string;
}

const CONSENT = /^telemetry is (on|off)/;

/** Makes one that is not yet started. */
export async function replicaOf({ cp }: Lab, options: ReplicaOptions): Promise<Replica> {
  const proxy = await startApiProxy(cp, { record: false });
  const kubeconfig = await proxy.kubeconfig();
  const env = { NODE_EXTRA_CA_CERTS: cp.caFile };
  const lives: Operator[] = [];
  let current: Operator | undefined;

  const log = () => lives.flatMap((life) => life.lines);

  async function end(signal: NodeJS.Signals): Promise<void> {
    // Until it ends, it may not have seen the switch, and sends.
    await current?.stop(signal);
    current = undefined;
  }

  return {
    proxy,
    end,
    async start() {
      current = await startOperator({ ...options, kubeconfig, env });
      lives.push(current);
    },
    signal: (signal) => void current?.process.kill(signal),
    hasNoticed(what) {
      if (!current) return true;
      const last = current.lines.findLast(({ msg }) => CONSENT.test(msg));
      return last?.msg.startsWith(`telemetry is ${what}`) ?? false;
    },
    life: () => current,
    log,
    troubles() {
      const troubles = log().filter(({ level }) => level !== 'info');
      return troubles.map((line) => JSON.stringify(line));
    },
    async [Symbol.asyncDispose]() {
      current?.process.kill('SIGCONT');
      await end('SIGKILL');
      await proxy[Symbol.asyncDispose]();
    },
  };
}
