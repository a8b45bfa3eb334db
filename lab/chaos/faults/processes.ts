import type { Replica } from '../replica.ts';
import type { Scene } from '../scene.ts';
import type { Step } from '../schedule.ts';
import type { Fault, Mend } from './fault.ts';

/** Which operator is struck: the lane says. */
const LANES = ['operator 1', 'operator 2'] as const;

/** The lease lasts 15 s, and the others look every 2.4 s. */
const PAST_THE_LEASE_MS = [18_000, 20_000] as const;

function struck({ replicas }: Scene, { lane }: Step): Replica {
  return lane === LANES[0] ? replicas[0] : replicas[1];
}

function ended(signal: NodeJS.Signals): Fault['inject'] {
  return async (scene, step) => {
    const replica = struck(scene, step);
    await replica.end(signal);
    return replica.start;
  };
}

function stopped(scene: Scene, step: Step): Mend {
  const replica = struck(scene, step);
  replica.signal('SIGSTOP');
  return () => replica.signal('SIGCONT');
}

/** What becomes of an operator's process. */
export const PROCESS_FAULTS: readonly Fault[] = [
  { name: 'SIGKILL', lanes: LANES, weight: 3, lastsMs: [100, 2_500], inject: ended('SIGKILL') },
  { name: 'SIGTERM', lanes: LANES, weight: 2, lastsMs: [100, 2_500], inject: ended('SIGTERM') },
  {
    name: 'SIGSTOP for longer than the lease',
    lanes: LANES,
    weight: 1,
    lastsMs: PAST_THE_LEASE_MS,
    inject: stopped,
  },
];
