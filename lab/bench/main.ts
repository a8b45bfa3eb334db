/**
 * `npm run bench`: measures the operator against client-go, prints tables, and writes
 * `lab/bench/results.json` and `docs/performance.md`. `lab/bench/options.ts` has the command line.
 */

import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../support/usage-error.ts';
import { burst } from './burst.ts';
import { cli } from './cli.ts';
import { buildClientGo } from './client-go.ts';
import { collector } from './collector.ts';
import { dashboard } from './dashboard.ts';
import { applied, many } from './large.ts';
import type { Line } from './line.ts';
import { memory } from './memory.ts';
import { type BenchOptions, parseOptions, type Section, USAGE } from './options.ts';
import { draw } from './page.ts';
import { recovery } from './recovery.ts';
import { rest } from './rest.ts';
import { type Measured, merge, readResults, withOtherEngine, writeResults } from './results.ts';
import { openStage, type Stage } from './stage.ts';
import { start } from './start.ts';
import { store } from './store/store.ts';
import { sync } from './sync.ts';
import { table } from './table.ts';

const RESULTS = join(import.meta.dirname, 'results.json');
const log = (line: string) => console.error(line);

type Measure = (stage: Stage, options: BenchOptions) => Promise<readonly Line[]>;

const MEASURES: Readonly<Record<Exclude<Section, 'collector' | 'cli' | 'store'>, Measure>> = {
  start: (stage) => start(stage),
  burst: (stage, { quick }) => burst(stage, quick),
  sync: (stage, { quick }) => sync(stage, quick),
  memory: (stage, { quick }) => memory(stage, quick),
  applied: (stage, { quick }) => applied(stage, quick),
  many: (stage, { quick }) => many(stage, quick),
  rest: (stage, { restSeconds }) => rest(stage, restSeconds),
  recovery: (stage, { quick }) => recovery(stage, quick),
  dashboard: (stage, { quick }) => dashboard(stage, quick),
};
/** They measure the operator against itself. */
const WITHOUT_CLIENT_GO: readonly Section[] = ['start', 'burst', 'many'];

async function measure(section: Section, options: BenchOptions): Promise<Measured> {
  log(`measuring ${section}`);
  const lines = await linesOf(section, options);
  console.log(table(lines));
  return { at: new Date().toISOString(), quick: options.quick, lines };
}

/** Each section has a control plane of its own, so that none sees what another has created. */
async function linesOf(section: Section, options: BenchOptions): Promise<readonly Line[]> {
  if (section === 'collector') return await collector(options.quick);
  if (section === 'store') return await store(options.events, { log });
  if (section === 'cli') return await cli(options.quick);
  const clientGo = WITHOUT_CLIENT_GO.includes(section) ? undefined : await buildClientGo(log);
  const stage = await openStage({ clientGo });
  try {
    return await MEASURES[section](stage, options);
  } finally {
    await stage.close();
  }
}

function machine(): string {
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus().length} processors, ${gib} GiB, Node ${process.version}`;
}

async function measureAll(options: BenchOptions): Promise<void> {
  for (const section of options.sections) {
    const measured = await measure(section, options);
    if (options.quick) continue;
    const before = await readResults(RESULTS);
    const old = before?.sections[section]?.lines ?? [];
    const lines = section === 'store' ? withOtherEngine(measured.lines, { old }) : measured.lines;
    const now = { machine: machine(), sections: { [section]: { ...measured, lines } } };
    const results = merge(before, now);
    await writeResults(RESULTS, results);
    await draw(results);
  }
}

async function drawAgain(): Promise<void> {
  const results = await readResults(RESULTS);
  if (results) await draw(results);
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') console.log(USAGE);
  else if (options === 'draw') await drawAgain();
  else await measureAll(options);
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (isUsage) console.error(`${error.message}\n\n${USAGE}`);
  else console.error('bench:', error);
  process.exitCode = isUsage ? 2 : 1;
}
