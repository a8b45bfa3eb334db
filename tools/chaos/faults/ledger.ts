import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../../test/support/eventually.ts';
import { stamp } from '../evidence.ts';
import { OFF, ON, type Scene } from '../scene.ts';
import type { Step } from '../schedule.ts';
import { type Fault, type Mend, passes } from './fault.ts';

const LANES = ['ledger'] as const;
const CONFLICTS = 10;

/** Somebody annotates the ledger again and again, so that the leader's writes are conflicts. */
async function conflict({ ledger }: Scene, { choice }: Step): Promise<Mend> {
  for (let round = 0; round < CONFLICTS; round += 1) {
    const annotations = { 'example.com/note': `${choice} ${round}` };
    // It may be gone, or the API server: then there is no conflict.
    await ledger.patch({ metadata: { annotations } }).catch(() => undefined);
    await pause(100);
  }
  return passes;
}

/** Whatever a person may write there. */
async function edit({ ledger }: Scene, { choice }: Step): Promise<Mend> {
  const texts = ['', '{}', '{"version":1,"consent":"on"', 'analytics: on'];
  const text = texts[Math.floor(choice * texts.length)] ?? '';
  await eventually(() => ledger.put(text));
  return passes;
}

async function remove({ ledger }: Scene): Promise<Mend> {
  await eventually(async () => {
    if (await ledger.map()) await ledger.remove();
  });
  return passes;
}

/** Off, until all operators have noticed and some time more, and on again. */
async function flip({ config, replicas, deeds }: Scene): Promise<Mend> {
  const switched = stamp(Date.now);
  config.write(OFF);
  await eventually(() => {
    if (!replicas.every((replica) => replica.isSilent())) throw new Error('telemetry is still on');
  });
  const silent = stamp(Date.now);
  return () => {
    const on = stamp(Date.now);
    config.write(ON);
    deeds.silences.push({ from: silent, to: on });
    deeds.flips.push({ from: switched, to: on });
  };
}

/** What people do to the ledger and to the switch. */
export const LEDGER_FAULTS: readonly Fault[] = [
  { name: 'ledger conflict', lanes: LANES, weight: 2, lastsMs: [0, 500], inject: conflict },
  {
    fromRest: true,
    name: 'ledger edited by hand',
    lanes: LANES,
    weight: 1,
    lastsMs: [0, 500],
    inject: edit,
  },
  {
    fromRest: true,
    name: 'ledger deleted',
    lanes: LANES,
    weight: 1,
    lastsMs: [0, 500],
    inject: remove,
  },
  {
    fromRest: true,
    name: 'consent flipped',
    lanes: LANES,
    weight: 1,
    lastsMs: [1_000, 4_000],
    inject: flip,
  },
];
