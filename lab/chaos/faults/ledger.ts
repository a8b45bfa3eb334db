import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import { stamp } from '../evidence.ts';
import type { Replica } from '../replica.ts';
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

/** What a person does to the ledger: tried until it is answered, as a try without may have done it. */
function byHand(act: (scene: Scene, step: Step) => Promise<void>): Fault['inject'] {
  return async (scene, step) => {
    const from = stamp(Date.now);
    await eventually(() => act(scene, step));
    scene.deeds.edits.push({ from, to: stamp(Date.now) });
    return passes;
  };
}

/** Whatever a person may write there. */
async function edit({ ledger }: Scene, { choice }: Step): Promise<void> {
  const texts = ['', '{}', '{"version":1,"consent":"on"', 'analytics: on'];
  await ledger.put(texts[Math.floor(choice * texts.length)] ?? '');
}

async function remove({ ledger }: Scene): Promise<void> {
  if (await ledger.map()) await ledger.remove();
}

/**
 * Off, until all operators have noticed and some time more, and on again. Silence can be asked for only
 * where an operator has seen off and lives until on: of what happens while all are down, none can know.
 */
async function flip(scene: Scene): Promise<Mend> {
  const { configs, replicas, deeds } = scene;
  const switched = stamp(Date.now);
  for (const config of configs) config.write(OFF);
  await noticed(replicas, 'off');
  const silent = stamp(Date.now);
  const lives = replicas.map(({ life }) => life());
  return async () => {
    const on = stamp(Date.now);
    const isWitnessed = lives.some((life, index) => life && life === replicas[index]?.life());
    for (const config of configs) config.write(ON);
    if (isWitnessed) deeds.silences.push({ from: silent, to: on });
    await noticed(replicas, 'on');
    deeds.flips.push({ from: switched, to: stamp(Date.now) });
  };
}

/** One replica's file says off for a while and the other's does not, as those of two nodes do. */
async function filesApart({ configs, replicas, deeds }: Scene, { choice }: Step): Promise<Mend> {
  const index = choice < 0.5 ? 0 : 1;
  const switched = stamp(Date.now);
  configs[index].write(OFF);
  await noticed([replicas[index]], 'off');
  return async () => {
    configs[index].write(ON);
    await noticed([replicas[index]], 'on');
    deeds.flips.push({ from: switched, to: stamp(Date.now) });
  };
}

async function noticed(replicas: readonly Replica[], what: 'on' | 'off'): Promise<void> {
  await eventually(() => {
    if (!replicas.every((replica) => replica.hasNoticed(what))) {
      throw new Error(`not all have noticed that telemetry is ${what}`);
    }
  });
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
    inject: byHand(edit),
  },
  {
    fromRest: true,
    name: 'ledger deleted',
    lanes: LANES,
    weight: 1,
    lastsMs: [0, 500],
    inject: byHand(remove),
  },
  {
    fromRest: true,
    name: 'consent flipped',
    lanes: LANES,
    weight: 1,
    lastsMs: [1_000, 4_000],
    inject: flip,
  },
  {
    fromRest: true,
    name: 'files of two replicas apart',
    lanes: LANES,
    weight: 1,
    lastsMs: [15_000, 30_000],
    inject: filesApart,
  },
];
