import { setTimeout } from 'node:timers/promises';
import { isLedgerWrite, requestsSince } from './audit.ts';
import type { Line } from './line.ts';
import { readyAt, type Stage } from './stage.ts';

/** Many creations by 20 clients in parallel, until all are acknowledged and in the ledger. */
export async function burst(stage: Stage, quick: boolean): Promise<readonly Line[]> {
  const { lab, endpoint } = stage;
  const count = quick ? 500 : 5_000;
  await stage.forget();
  await using operator = await stage.start();
  await readyAt(operator);
  await setTimeout(3_000);
  const [arrivals, accepted] = [endpoint.arrivals.length, endpoint.accepted.length];
  const startedAt = Date.now();
  const created = await lab.users.createAll(lab.fresh(count));
  const endedAt = Date.now();
  await stage.accepted(accepted + created.length);
  const acknowledgedAt = Date.now();
  await setTimeout(3_000);
  const writes = (await requestsSince(lab.cp, startedAt)).filter(isLedgerWrite);
  await operator.stop();
  const line = (
    what: string,
    values: readonly [number, number],
    of: string,
    more: object,
  ): Line => ({
    section: 'burst',
    what,
    unit: '',
    figure: { of: 'operator', value: values[0] },
    against: { of, value: values[1] },
    ...more,
  });
  const seconds = (endedAt - startedAt) / 1000;
  const late = (acknowledgedAt - endedAt) / 1000;
  return [
    line('last create to last acknowledgement', [late, seconds], 'the burst itself', {
      unit: 's',
      target: { value: 1 },
    }),
    line('requests to Segment', [endpoint.arrivals.length - arrivals, count], 'creations', {
      target: { value: 100 },
    }),
    line('ledger writes', [writes.length, count], 'creations', { target: { value: 10 } }),
  ];
}
