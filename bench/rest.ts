import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { countInTurn, isClientGo, receivedAt, requestsSince } from './audit.ts';
import type { Line } from './line.ts';
import { cpuSecondsOf } from './proc.ts';
import { readyAt, type Stage } from './stage.ts';
import { openWire } from './wire.ts';

const RIGHTS = resolve(import.meta.dirname, '../deploy/rbac.yaml');
const SETTLE_MS = 10_000;
/** Longer than from one request of each to its next. */
const MORE_MS = 10_000;

/** The operator and a client-go program with the same lease and watches, side by side, at rest. */
export async function rest(stage: Stage, seconds: number): Promise<readonly Line[]> {
  const { cp } = stage.lab;
  await cp.grant(RIGHTS, { namespace: 'client-go' });
  await stage.forget();
  const ourWire = await openWire(stage, 'operator-wire');
  const otherWire = await openWire(stage, 'client-go-wire');
  await using operator = await stage.start({ kubeconfig: ourWire.kubeconfig });
  await using clientGo = stage.clientGo('rest', otherWire.kubeconfig, 'client-go');
  await readyAt(operator);
  await clientGo.ready;
  await setTimeout(SETTLE_MS);
  const pids = [operator.process.pid ?? 0, clientGo.pid];
  const read = async () => ({
    cpu: await Promise.all(pids.map(cpuSecondsOf)),
    kib: [ourWire, otherWire].map(({ bytes }) => bytes() / 1024),
  });
  const before = await read();
  const since = Date.now();
  await setTimeout(seconds * 1000);
  const after = await read();
  await setTimeout(MORE_MS);
  const requests = await requestsSince(cp, since);
  const counts = [false, true].map((theirs) => {
    const times = requests.filter((request) => isClientGo(request) === theirs).map(receivedAt);
    return countInTurn(times, seconds * 1000);
  });
  await operator.stop();
  ourWire.close();
  otherWire.close();
  const line = (what: string, unit: Line['unit'], values: readonly number[], more = {}): Line => ({
    section: 'rest',
    what: `${what} in ${seconds} s`,
    unit,
    figure: { of: 'operator', value: values[0] ?? 0 },
    against: { of: 'client-go elector with three metadata watches', value: values[1] ?? 0 },
    ...more,
  });
  const grown = (key: 'cpu' | 'kib') =>
    after[key].map((value, index) => value - (before[key][index] ?? 0));
  return [
    line('CPU', 's', grown('cpu')),
    line('API requests', '', counts, { target: { ratio: 1 } }),
    line('bytes to and from the API server', 'KiB', grown('kib')),
  ];
}
