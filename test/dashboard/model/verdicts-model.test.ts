import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { verdictsOf } from '../../../src/dashboard/model/verdicts.ts';
import type { Verdict } from '../../../src/dashboard/model/view.ts';
import { CLUSTER, type Follower, follower } from '../../record/follower.ts';
import { expectedId, type World, world } from '../../record/world.ts';

type Step = (world: World, operator: Follower) => void;
interface NamedStep {
  readonly name: string;
  readonly step: Step;
}

const one = (name: string, step: Step) => fc.constant({ name, step });
const some = (name: string, max: number, step: (value: number) => Step) =>
  fc.nat(max).map((value) => ({ name: `${name} ${value}`, step: step(value) }));

const CLUSTER_STEPS = [
  { weight: 8, arbitrary: one('create', (world) => world.create()) },
  { weight: 3, arbitrary: some('update', 50, (index) => (world) => world.update(index)) },
  { weight: 2, arbitrary: some('remove', 50, (index) => (world) => world.remove(index)) },
  { weight: 4, arbitrary: some('pass', 40, (seconds) => (world) => world.pass(seconds)) },
  { weight: 1, arbitrary: one('pass an hour', (world) => world.pass(3_600)) },
  { weight: 4, arbitrary: some('watch', 30, (limit) => (_, operator) => operator.watch(limit)) },
  {
    weight: 5,
    arbitrary: some('acknowledge', 9, (n) => (_, operator) => operator.acknowledge(n)),
  },
  { weight: 4, arbitrary: one('persist', (_, operator) => operator.persist()) },
];

/** After a list, a watch from before it may enqueue again what the list has shown. */
const LISTS = [
  { weight: 1, arbitrary: one('list', (_, operator) => operator.list()) },
  { weight: 1, arbitrary: one('compact', (world) => world.compact()) },
];

const SWITCHES = [
  { weight: 2, arbitrary: one('off', (_, operator) => operator.switchOff()) },
  {
    weight: 3,
    arbitrary: one('on', (world, operator) => {
      operator.switchOn();
      if (!operator.isUp()) operator.start();
      // The operator lists immediately. Its clock is the cluster's.
      world.pass(1);
    }),
  },
];

const CRASHES = [
  {
    weight: 2,
    arbitrary: one('crash and start', (_, operator) => {
      operator.crash();
      operator.start();
    }),
  },
];

interface Judged {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly delivered: ReadonlySet<string>;
}

function judge(steps: readonly NamedStep[]): Judged {
  const server = world();
  for (let index = 0; index < 4; index += 1) server.create();
  server.pass(1);
  const operator = follower(server);
  server.pass(1);
  operator.start();
  for (const { step } of steps) step(server, operator);
  operator.persist();

  const living = server.resources.filter(({ deletedAt }) => deletedAt === undefined);
  const resources = living.map((resource) => ({
    ...server.seenNow(resource),
    ...{ name: 'a', namespace: 'b', fleet: undefined, hosts: [], paths: [], omitted: 0 },
  }));
  const verdictOf = verdictsOf(resources, {
    kind: 'API',
    state: 'on',
    ledger: operator.ledger(),
    messageIdOf: (uid) => expectedId(CLUSTER, uid),
  });
  return {
    verdicts: new Map(resources.map((resource) => [resource.uid, verdictOf(resource)])),
    delivered: new Set(
      living
        .map(({ uid }) => uid)
        .filter((uid) => operator.delivered.has(expectedId(CLUSTER, uid))),
    ),
  };
}

interface Check {
  readonly runs: number;
  /** Whether an event may be enqueued again, so that what is pending may have arrived. */
  readonly repeats: boolean;
}

function assertTrue(
  { state, why }: Verdict,
  { arrived, repeats }: { readonly arrived: boolean; readonly repeats: boolean },
): void {
  const allowed = {
    counted: arrived,
    'not-counted': !arrived,
    pending: repeats || !arrived,
    unknown: true,
  };
  assert.ok(allowed[state], `${state}, and ${arrived ? 'arrived' : 'did not arrive'}: ${why}`);
}

/** Returns the share of the verdicts that are `unknown`. */
function check(
  kinds: readonly fc.WeightedArbitrary<NamedStep>[],
  { runs, repeats }: Check,
): number {
  const counts = { all: 0, unknown: 0 };
  const sequences = fc.array(fc.oneof(...kinds), { maxLength: 80, size: 'max' });
  fc.assert(
    fc.property(sequences, (sequence) => {
      const { verdicts, delivered } = judge(sequence);
      for (const [uid, verdict] of verdicts) {
        counts.all += 1;
        if (verdict.state === 'unknown') counts.unknown += 1;
        assertTrue(verdict, { arrived: delivered.has(uid), repeats });
      }
    }),
    { numRuns: runs, seed: 20_261_123 },
  );
  return counts.unknown / counts.all;
}

describe('no verdict is false', () => {
  it('while telemetry is on', (t) => {
    const unknown = check(CLUSTER_STEPS, { runs: 300, repeats: false });
    t.diagnostic(`${(100 * unknown).toFixed(1)} % unknown`);
    assert.ok(unknown < 0.02, `${unknown}`);
  });

  it('when the operator is killed', (t) => {
    const unknown = check([...CLUSTER_STEPS, ...LISTS, ...CRASHES], { runs: 300, repeats: true });
    t.diagnostic(`${(100 * unknown).toFixed(1)} % unknown`);
    assert.ok(unknown < 0.02, `${unknown}`);
  });

  it('when telemetry is switched off and on again, many times', (t) => {
    const unknown = check([...CLUSTER_STEPS, ...LISTS, ...CRASHES, ...SWITCHES], {
      runs: 600,
      repeats: true,
    });
    t.diagnostic(`${(100 * unknown).toFixed(1)} % unknown`);
    assert.ok(unknown < 0.5, `${unknown}`);
  });
});
