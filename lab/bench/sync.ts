import { median } from '../support/median.ts';
import { PLURALS } from '../support/resources.ts';
import { isClientGo, receivedAt, requestsSince } from './audit.ts';
import type { Child } from './child.ts';
import type { Line } from './line.ts';
import { names, readyAt, type Stage } from './stage.ts';

const RUNS = 3;

export interface Sync {
  /** From exec to synced, in milliseconds. */
  readonly all: number;
  /** From the first request for resources to synced. */
  readonly own: number;
}

/**
 * First sync of resources from a time when telemetry was off, so that nothing of them is told: from
 * exec, and of the list alone.
 */
export async function sync(stage: Stage, quick: boolean): Promise<readonly Line[]> {
  const count = quick ? 1_000 : 10_000;
  await stage.fill(names('sync', 0, count), 20);
  const { ours: operator, clientGo } = await syncAgainstClientGo(stage, count);
  const bare = await several(async () => childSync(await stage.bareList(), count));
  const line = (what: string, key: keyof Sync) =>
    [
      { of: "client-go's metadata informer", value: clientGo[key] },
      { of: 'a bare list with undici', value: bare[key] },
    ].map((against, index) => ({
      section: 'sync',
      what: `${what} of ${count}`,
      unit: 'ms' as const,
      figure: { of: 'operator', value: operator[key] },
      against,
      ...(index === 0 && { target: { ratio: 1.5 } }),
    }));
  return [...line('first list to synced', 'own'), ...line('exec to synced', 'all')];
}

/** The operator and client-go's metadata informer, on the same resources. */
export async function syncAgainstClientGo(stage: Stage, count: number) {
  return {
    ours: await several(() => operatorSync(stage)),
    clientGo: await several(() => childSync(stage.clientGo('metadata'), count)),
  };
}

async function several(measure: () => Promise<Sync>): Promise<Sync> {
  const runs: Sync[] = [];
  for (let index = 0; index < RUNS; index += 1) runs.push(await measure());
  return { all: median(runs.map(({ all }) => all)), own: median(runs.map(({ own }) => own)) };
}

async function operatorSync(stage: Stage): Promise<Sync> {
  await stage.forget();
  const executedAt = Date.now();
  await using operator = await stage.start();
  const synced = await readyAt(operator);
  await operator.stop();
  const requests = await requestsSince(stage.lab.cp, executedAt);
  const lists = requests.filter(
    (request) => request.verb === 'list' && !isClientGo(request) && isOurs(request.objectRef),
  );
  return { all: synced - executedAt, own: synced - Math.min(...lists.map(receivedAt)) };
}

function isOurs(object: { readonly resource: string } | undefined): boolean {
  return Object.values(PLURALS).includes(object?.resource ?? '');
}

async function childSync(started: Child, count: number): Promise<Sync> {
  await using child = started;
  const { startAt, readyAt: synced, objects } = await child.ready;
  if (objects < count) throw new Error(`it saw ${objects} of ${count}`);
  return { all: synced - child.executedAt, own: synced - startAt };
}
