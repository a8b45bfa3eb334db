/**
 * `npm run demo`: the whole of it on one machine, from `kubectl apply` to the seven numbers.
 *
 * `--keep` leaves it running to play with. `--context NAME` plays it on a cluster of one's own.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../support/run.ts';
import { existing } from './existing.ts';
import { say } from './say.ts';
import { embedded, type Stage } from './stage.ts';
import { type Played, play } from './story.ts';

const USAGE = `Usage: npm run demo -- [--keep] [--context NAME]

  --keep           leave it running until Ctrl-C, and say how to play with it
  --context NAME   use the cluster of this kubeconfig context, in a namespace made for it
`;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interrupted.abort());
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        keep: { type: 'boolean', default: false },
        context: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return undefined;
  }
}

async function build(): Promise<void> {
  const { code, output } = await run('npm', ['run', '--silent', 'build']);
  say('build', output);
  if (code !== 0) throw new Error('the build has failed');
}

async function keepRunning(stage: Stage, played: Played, signal: AbortSignal): Promise<void> {
  console.log(`
It goes on running until Ctrl-C. To play with it:

  export KUBECONFIG=${stage.kubeconfig}
  ${stage.kubectlPath} apply -n ${stage.namespace} -f deploy/samples
  curl ${played.collectorUrl}/v1/numbers
  curl ${played.metricsUrl}

The seven numbers as a page: ${played.collectorUrl}/
`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function demo(keep: boolean, context: string | undefined): Promise<boolean> {
  const { signal } = interrupted;
  const folder = await mkdtemp(join(tmpdir(), 'kusk-demo-'));
  try {
    await build();
    await using stage = await (context
      ? existing({ context, folder, signal })
      : embedded({ signal }));
    await using played = await play(stage, { folder, signal });
    if (keep) await keepRunning(stage, played, signal);
    return played.isRight;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const values = options();
if (!values) process.exitCode = 2;
else if (values.help) console.log(USAGE);
else {
  try {
    process.exitCode = (await demo(values.keep, values.context)) ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) console.error(`demo: ${(error as Error).message}`);
    process.exitCode = interrupted.signal.aborted ? 130 : 1;
  }
}
