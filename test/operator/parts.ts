import { pino } from 'pino';
import type { KubeRequest } from '../../src/cluster/connect.ts';
import { operatorLog } from '../../src/operator/observability/log.ts';
import { aborted } from '../../src/runtime/run.ts';

/** Requests to a cluster that never responds. */
export const silent: KubeRequest = async (_, { signal }) => {
  await aborted(signal);
  throw signal.reason;
};

/** Throws: a test must not call it. */
export function unused(): never {
  throw new Error('unused');
}

const OPTIONS = { namespace: 'kusk-system', optOutPaths: ['/etc/kusk-gateway-opt-out/enabled'] };

/** Returns an operator log and the messages that it has logged. */
export function recorded() {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line).msg);
  return { log: operatorLog(pino({ base: null }, { write }), OPTIONS), lines };
}
