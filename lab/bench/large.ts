import { inParallel } from '../support/in-parallel.ts';
import type { Line } from './line.ts';
import { operatorMemory } from './memory.ts';
import { names, type Stage } from './stage.ts';
import { syncAgainstClientGo } from './sync.ts';

const MANIFEST_BYTES = 200_000;
/** The number of objects in one `kubectl apply`. */
const APPLIED_TOGETHER = 50;
/** The number of `kubectl` processes that run in parallel. */
const KUBECTLS = 4;
const TRIES = 5;
const SMALL_BYTES = 20;

/**
 * Many large APIs, created as people do: a client-side `kubectl apply` keeps each manifest once more, in an
 * annotation, and that comes with every list of metadata.
 */
export async function applied(stage: Stage, quick: boolean): Promise<readonly Line[]> {
  const count = quick ? 200 : 5_000;
  const empty = await operatorMemory(stage);
  await applyAll(stage, count);
  const full = await operatorMemory(stage);
  const { ours, clientGo } = await syncAgainstClientGo(stage, count);
  const what = `${count} APIs of 200 KB by kubectl apply`;
  return [
    { section: 'applied', ...peak(what, full.peak, empty.peak) },
    {
      section: 'applied',
      what: `first list to synced, ${what}`,
      unit: 'ms',
      figure: { of: 'operator', value: ours.own },
      against: { of: "client-go's metadata informer", value: clientGo.own },
      target: { ratio: 1.5 },
    },
  ];
}

/** Many small resources. */
export async function many(stage: Stage, quick: boolean): Promise<readonly Line[]> {
  const count = quick ? 5_000 : 300_000;
  const empty = await operatorMemory(stage);
  await stage.fill(names('small', 0, count), SMALL_BYTES);
  const full = await operatorMemory(stage);
  return [{ section: 'many', ...peak(`${count} small APIs`, full.peak, empty.peak) }];
}

function peak(what: string, value: number, empty: number): Omit<Line, 'section'> {
  return {
    what: `peak, ${what}`,
    unit: 'MiB',
    figure: { of: 'operator', value },
    against: { of: 'operator, empty', value: empty },
    target: { ratio: 1.25 },
  };
}

async function applyAll({ lab }: Stage, count: number): Promise<void> {
  const spec = { spec: openApi(MANIFEST_BYTES) };
  const batches = Array.from(
    { length: Math.ceil(count / APPLIED_TOGETHER) },
    (_, index) => index * APPLIED_TOGETHER,
  );
  const apply = async (from: number) => {
    const items = names('applied', from, Math.min(count, from + APPLIED_TOGETHER)).map((name) => ({
      apiVersion: 'gateway.kusk.io/v1alpha1',
      kind: 'API',
      metadata: { name, namespace: 'users' },
      spec,
    }));
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await persistently(() => lab.cp.kubectl(['apply', '-f', '-'], { input }));
  };
  await inParallel(batches, apply, { atOnce: KUBECTLS });
}

/** An apply that fails is repeated: it leaves what exists as it is, and creates the rest. */
async function persistently(task: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await task();
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}

/** A description as people write it, with lines and quotes, of so many characters. */
function openApi(length: number): string {
  const head = 'openapi: 3.0.2\ninfo:\n  title: "shop"\n  version: "1"\npaths:\n';
  const paths = Array.from({ length: Math.ceil(length / 100) }, (_, index) => pathOf(index));
  return `${head}${paths.join('')}`.slice(0, length);
}

function pathOf(index: number): string {
  return [
    `  /things/${index}:`,
    '    get:',
    `      operationId: "getThing${index}"`,
    '      description: "Returns a thing, if it is there."',
    '      responses: { "200": { description: "A thing" } }\n',
  ].join('\n');
}
