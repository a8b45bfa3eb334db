import { setTimeout } from 'node:timers/promises';
import { median } from '../support/median.ts';
import type { Child } from './child.ts';
import type { Line } from './line.ts';
import { readyAt, type Stage } from './stage.ts';

/** How long the API server stays away before it is started, in milliseconds; starting takes some 3 s. */
const AWAY_MS = [0, 500, 1_000, 1_500, 2_000, 500];

/** Longer than a watch must last before its next failure counts as the first again. Milliseconds. */
const SETTLE_MS = 12_000;

/** Milliseconds from the API server's `/readyz` to what was made of a creation of that moment. */
interface Recovery {
  /** The endpoint has acknowledged its event. */
  readonly acknowledged: number;
  /** client-go has seen it. */
  readonly seen: number;
}

/** An API server that restarts, with the operator and client-go's informer watching it together. */
export async function recovery(stage: Stage, quick: boolean): Promise<readonly Line[]> {
  await using operator = await stage.start();
  await using clientGo = stage.clientGo('follow');
  await readyAt(operator);
  await clientGo.ready;
  // The install and the first heartbeat.
  await stage.accepted(2);
  const rounds: Recovery[] = [];
  for (const awayMs of quick ? AWAY_MS.slice(0, 1) : AWAY_MS) {
    rounds.push(await restart(stage, clientGo, awayMs));
  }
  await operator.stop();
  const line = (what: string, of: (values: readonly number[]) => number): Line => ({
    section: 'recovery',
    what: `API server ready to creation, ${what} of ${rounds.length}`,
    unit: 'ms',
    figure: {
      of: 'operator, acknowledged',
      value: of(rounds.map(({ acknowledged }) => acknowledged)),
    },
    against: {
      of: "client-go's metadata informer, seen",
      value: of(rounds.map(({ seen }) => seen)),
    },
    target: { value: 2_000 },
  });
  return [line('median', median), line('slowest', (values) => Math.max(...values))];
}

async function restart(stage: Stage, clientGo: Child, awayMs: number): Promise<Recovery> {
  const { cp, users, fresh } = stage.lab;
  const before = stage.endpoint.accepted.length;
  await cp.stopApiServer();
  await setTimeout(awayMs);
  await cp.startApiServer();
  const ready = Date.now();
  const [name] = fresh(1);
  if (!name) throw new Error('no name is left');
  const { uid } = await users.createSurely(name);
  const [acknowledged, seen] = await Promise.all([
    stage.accepted(before + 1).then(() => Date.now()),
    clientGo.seen(uid),
  ]);
  // Both have settled before the next restart, so that each outage is one of its own.
  await setTimeout(SETTLE_MS);
  return { acknowledged: acknowledged - ready, seen: seen - ready };
}
