import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { createDashboard } from '../../../src/dashboard/model/dashboard.ts';
import { anObject, apiServer } from './api-server.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const LIVING = 500;
const CHANGES = 20_000;
const LOOK_EVERY = CHANGES / 5;
/** Annotations and a document, of which a row keeps nothing. */
const BULK = {
  metadata: {
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(500) },
  },
  spec: { spec: `openapi: 3.0.2\npaths:\n  /things: {}\n${'# a comment\n'.repeat(30)}` },
};

function setup() {
  const clock = fakeTime();
  const server = apiServer();
  const dashboard = createDashboard({
    request: server.request,
    cluster: {
      context: 'test',
      namespace: 'kusk-system',
      flags: { kusk: ' --context test', kubectl: ' --context test' },
    },
    server: () => server.state.address,
    readInstallation: async () => {
      throw new Error('not installed');
    },
    time: clock.time,
    random: () => 0.5,
  });
  return { clock, server, dashboard };
}

function heapMiB(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
}

/** Returns an API with names as long as those of people. */
function anApi(number: number, revision: number) {
  const uid = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const name = `an-api-of-somebody-${number}`;
  const { metadata } = anObject(uid);
  return {
    ...BULK,
    metadata: { ...metadata, ...BULK.metadata, name, resourceVersion: `${revision}` },
  };
}

/** Makes changes, and returns the heap after each fifth of them, in MiB. */
async function churn({ clock, server, dashboard }: ReturnType<typeof setup>) {
  const heaps: number[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    const revision = 2_000 + 2 * change;
    server.push('API', 'ADDED', anApi(change, revision));
    const old = change - LIVING;
    if (old >= 0) server.push('API', 'DELETED', anApi(old, revision + 1));
    if (change % LIVING !== LIVING - 1) continue;
    // The page is drawn now and then. Time passes, so that the namespace is read.
    await clock.pass(3_000);
    assert.equal(dashboard.view().kinds.API.rows.length, LIVING);
    if ((change + 1) % LOOK_EVERY === 0) heaps.push(heapMiB());
  }
  return heaps;
}

describe('a cluster with many changes', () => {
  it('takes no more memory after twenty thousand of them than after the first', async (t) => {
    const parts = setup();
    const end = new AbortController();
    const run = parts.dashboard.run(end.signal);
    await parts.clock.pass(1_000);
    const heaps = await churn(parts);
    t.diagnostic(`heap after each ${LOOK_EVERY}: ${heaps.map((heap) => heap.toFixed(1))} MiB`);
    const [first = Number.NaN] = heaps;
    assert.equal(heaps.length, 5);
    assert.ok(Math.max(...heaps) < first + 3, `${heaps}`);
    end.abort();
    await parts.clock.pass(1_000);
    await run;
  });
});
