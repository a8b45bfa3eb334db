import { setTimeout } from 'node:timers/promises';
import { startChild } from './child.ts';
import type { Line } from './line.ts';
import { type Memory, memoryOf } from './proc.ts';
import { FLAGS, names, readyAt, type Stage } from './stage.ts';

const BYTES = 100_000;
const SETTLE_MS = 3_000;

/** What was measured with one number of APIs. */
interface Measured {
  readonly ours: Memory;
  readonly metadata: Memory;
  readonly full: Memory;
}

/** Peak and settled memory with no APIs, some and many large ones. */
export async function memory(stage: Stage, quick: boolean): Promise<readonly Line[]> {
  const [some, many] = quick ? [50, 200] : [1_000, 5_000];
  const bare = await bareNode();
  const empty = await measure(stage);
  await stage.fill(names('large', 0, some), BYTES);
  const withSome = await measure(stage);
  await stage.fill(names('large', some, many), BYTES);
  const withMany = await measure(stage);
  return [
    line('settled, no APIs', empty.ours.settled, ['a bare node process', bare.settled, 1.8]),
    ...linesOf('no APIs', { measured: empty }),
    ...linesOf(`${some} APIs of 100 KB`, { measured: withSome, empty: empty.ours }),
    ...linesOf(`${many} APIs of 100 KB`, { measured: withMany, empty: empty.ours, judged: true }),
  ];
}

interface LinesOptions {
  readonly measured: Measured;
  readonly empty?: Memory;
  readonly judged?: boolean;
}

function linesOf(what: string, options: LinesOptions): readonly Line[] {
  const { measured, empty, judged = false } = options;
  const { ours, metadata, full } = measured;
  return (['peak', 'settled'] as const).flatMap((key) => {
    const isJudged = judged && key === 'settled';
    const all: readonly Against[] = [
      ...(empty ? [['operator, empty', empty[key], isJudged ? 1.25 : undefined] as const] : []),
      ["client-go's metadata informer", metadata[key], undefined],
      ["client-go's informer of full objects", full[key], isJudged ? 1 / 8 : undefined],
    ];
    return all.map((against) => line(`${key}, ${what}`, ours[key], against));
  });
}

/** Of what, how much, and how many times as much is the target. */
type Against = readonly [string, number, number | undefined];

function line(what: string, value: number, [of, other, ratio]: Against): Line {
  return {
    section: 'memory',
    what,
    unit: 'MiB',
    figure: { of: 'operator', value },
    against: { of, value: other },
    ...(ratio !== undefined && { target: { ratio } }),
  };
}

async function measure(stage: Stage): Promise<Measured> {
  return {
    ours: await operatorMemory(stage),
    metadata: await ofClientGo(stage, 'metadata'),
    full: await ofClientGo(stage, 'full'),
  };
}

/** Of an operator that has listed all there is, and told one creation. */
export async function operatorMemory(stage: Stage): Promise<Memory> {
  await stage.forget();
  await using operator = await stage.start();
  await readyAt(operator);
  await tellOne(stage);
  await setTimeout(SETTLE_MS);
  const measured = await memoryOf(operator.process.pid ?? 0);
  await operator.stop();
  return measured;
}

/** Waits until a creation was told, so that all that an operator needs is in its memory. */
async function tellOne({ lab, endpoint, accepted }: Stage): Promise<void> {
  const told = endpoint.accepted.length;
  await lab.users.create({ kind: 'EnvoyFleet', namespace: 'users', name: `fleet-${told}` });
  await accepted(told + 1);
}

async function ofClientGo(stage: Stage, mode: string): Promise<Memory> {
  await using child = stage.clientGo(mode);
  await child.ready;
  await setTimeout(SETTLE_MS);
  return await memoryOf(child.pid);
}

/** A Node that does nothing, with the operator's flags. */
async function bareNode(): Promise<Memory> {
  await using child = startChild(process.execPath, [...FLAGS, '--eval', 'setInterval(()=>{},1e6)']);
  await setTimeout(SETTLE_MS);
  return await memoryOf(child.pid);
}
