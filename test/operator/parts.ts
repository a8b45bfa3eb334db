import { pino } from 'pino';
import type { KubeRequest } from '../../src/cluster/connect.ts';
import { operatorLog } from '../../src/operator/observability/log.ts';
import { aborted } from '../../src/runtime/run.ts';

/** A cluster that never answers: only the clock, the ledger and the receiver matter. */
export const silent: KubeRequest = async (_, { signal }) => {
  await aborted(signal);
  throw signal.reason;
};

/** What a test must not reach. */
export function unused(): never {
  throw new Error('unused');
}

const OPTIONS = { namespace: 'kusk-system', followsOptOut: true };

/** An operator log, and the messages that it has logged. */
export function recorded() {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line).msg);
  return { log: operatorLog(pino({ base: null }, { write }), OPTIONS), lines };
}
