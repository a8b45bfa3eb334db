import { inParallel } from '../support/in-parallel.ts';
import { startDashboard } from '../support/kusk-dashboard.ts';
import { median } from '../support/median.ts';
import type { Line } from './line.ts';
import { rssOf } from './proc.ts';
import { APIS, names, type Stage } from './stage.ts';

/** How many APIs there are at any time. */
const LIVING = 500;
const BYTES = 2_000;
/** How many changes there are between two looks at the memory. */
const ROUND = 500;
/** The changes of 24 hours: more than one a second. */
const A_DAY = 100_000;
/** The most that the last third of the samples may be, in times the first. */
const RATIO = 1.05;

export interface DashboardChurnOptions {
  /** The path of `kusk.mjs`. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly quick: boolean;
}

/**
 * The memory of `kusk dashboard` over the changes of a day, which come as fast as the API server takes them:
 * APIs that are created, changed and deleted. A page is read after each 500 of them, as a browser does.
 *
 * The samples of RSS of the first third are compared with those of the last.
 */
export async function dashboardChurn(
  stage: Stage,
  { program, env, quick }: DashboardChurnOptions,
): Promise<Line> {
  const changes = quick ? 6_000 : A_DAY;
  await stage.fill(names('living', 0, LIVING), BYTES);
  const shown = await startDashboard({ program, env });
  const samples: number[] = [];
  try {
    for (let round = 0; round < changes / ROUND; round += 1) {
      await change(stage, round);
      const page = await shown.get('/resources', { connection: 'close' });
      await page.text();
      samples.push(await rssOf(shown.pid));
    }
  } finally {
    await shown.stop('SIGTERM');
    await inParallel(names('living', 0, LIVING), async (name) => {
      await stage.lab.client.must('DELETE', `${APIS}/${name}`);
    });
  }
  const third = Math.floor(samples.length / 3);
  return {
    section: 'dashboard',
    what: `RSS over ${changes} changes, kusk dashboard, median`,
    unit: 'MiB',
    figure: { of: 'the last third', value: median(samples.slice(-third)) },
    against: { of: 'the first third', value: median(samples.slice(0, third)) },
    target: { ratio: RATIO },
  };
}

/** Makes 500 changes: of 250 APIs every second time deletes and creates each, else changes it twice. */
async function change({ lab: { client }, fill }: Stage, round: number): Promise<void> {
  const from = (round % 2) * (LIVING / 2);
  const some = names('living', from, from + LIVING / 2);
  if (round % 4 < 2) {
    await inParallel(some, async (name) => {
      await client.must('DELETE', `${APIS}/${name}`);
    });
    await fill(some, BYTES);
    return;
  }
  for (const fleet of ['one', 'other']) {
    const body = { spec: { fleet: { name: `${fleet}-${round}`, namespace: 'users' } } };
    await inParallel(some, (name) => client.must('PATCH', `${APIS}/${name}`, body));
  }
}
