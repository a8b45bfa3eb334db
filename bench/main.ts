/**
 * `npm run bench -- [--quick] [--rest SECONDS] [SECTION...]`: measures, prints a table, and writes
 * `bench/results.json` and `docs/performance.md`. Sections: start, burst, sync, memory, rest. Those
 * that are not run stay as they were last measured. `--quick` writes nothing, `--draw` draws again.
 */

import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { burst } from './burst.ts';
import { buildClientGo } from './client-go.ts';
import type { Line } from './line.ts';
import { memory } from './memory.ts';
import { draw } from './page.ts';
import { rest } from './rest.ts';
import { type Measured, merge, readResults, writeResults } from './results.ts';
import { openStage, type Stage } from './stage.ts';
import { start } from './start.ts';
import { sync } from './sync.ts';
import { table } from './table.ts';

const RESULTS = join(import.meta.dirname, 'results.json');
const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rest: { type: 'string' },
    draw: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const { quick } = values;
const restSeconds = Number(values.rest ?? (quick ? 15 : 300));
const SECTIONS: Readonly<Record<string, (stage: Stage) => Promise<readonly Line[]>>> = {
  start,
  burst: (stage) => burst(stage, quick),
  sync: (stage) => sync(stage, quick),
  memory: (stage) => memory(stage, quick),
  rest: (stage) => rest(stage, restSeconds),
};
const log = (line: string) => console.error(line);

/** Each section has a control plane of its own, so that none sees what another has created. */
async function measure(name: string, clientGo: string): Promise<Measured> {
  log(`measuring ${name}`);
  const stage = await openStage({ clientGo });
  try {
    const lines = (await SECTIONS[name]?.(stage)) ?? [];
    console.log(table(lines));
    return { at: new Date().toISOString(), quick, lines };
  } finally {
    await stage.close();
  }
}

function machine(): string {
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus().length} processors, ${gib} GiB, Node ${process.version}`;
}

async function run(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !(name in SECTIONS));
  if (unknown !== undefined) {
    throw new Error(`no such section: ${unknown}; there are ${Object.keys(SECTIONS).join(', ')}`);
  }
  const clientGo = await buildClientGo(log);
  for (const name of names) {
    const measured = await measure(name, clientGo);
    if (quick) continue;
    const now = { machine: machine(), sections: { [name]: measured } };
    const results = merge(await readResults(RESULTS), now);
    await writeResults(RESULTS, results);
    await draw(results);
  }
}

if (values.draw) {
  const results = await readResults(RESULTS);
  if (results) await draw(results);
} else {
  await run(positionals.length > 0 ? positionals : Object.keys(SECTIONS));
}
