import { join } from 'node:path';
import { median } from '../support/median.ts';
import { ROOT } from '../support/root.ts';
import type { Line } from './line.ts';
import { readyAt, type Stage } from './stage.ts';

const SOURCE = join(ROOT, 'src/bin/kusk-gateway.ts');
const RUNS = 5;

/** From exec to ready, bundled and compiled ahead as in the image, and from the source. */
export async function start(stage: Stage): Promise<readonly Line[]> {
  const times = async (how: Parameters<Stage['start']>[0]) => {
    const runs: number[] = [];
    for (let index = 0; index < RUNS; index += 1) {
      const executedAt = Date.now();
      await using operator = await stage.start(how);
      runs.push((await readyAt(operator)) - executedAt);
      await operator.stop();
    }
    return median(runs);
  };
  const bundled = await times({});
  const unbundled = await times({ program: SOURCE, env: {} });
  return [
    {
      section: 'start',
      what: 'exec to ready',
      unit: 'ms',
      figure: { of: 'operator, bundled and compiled ahead', value: bundled },
      against: { of: 'operator from its source', value: unbundled },
    },
  ];
}
