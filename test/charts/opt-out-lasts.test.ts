import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Consent } from '../../src/consent/consent.ts';
import { type Cluster, onCluster } from './cluster.ts';
import { decided } from './decided.ts';
import { OPT_OUTS, type OptOut } from './opt-out-ways.ts';
import { UPGRADES, type Upgrade } from './upgrade-ways.ts';

/**
 * The table of ways to write an opt-out by ways to upgrade: telemetry is off after each. The samples are
 * upgraded twice: what the first upgrade has rendered must not turn telemetry on in the second.
 */
describe('an opt-out lasts', () => {
  // A Deployment of each cell would have pods, which nothing here looks at.
  const onIt = onCluster({ controllers: false });
  let namespaces = 0;

  for (const upgrade of UPGRADES) {
    describe(`through ${upgrade.title}`, { concurrency: 2 }, () => {
      for (const optOut of OPT_OUTS.filter((one) => isPossible(one, upgrade))) {
        it(optOut.title, async () => {
          namespaces += 1;
          await assertLasts(onIt(), { optOut, upgrade, namespace: `cell-${namespaces}` });
        });
      }
    });
  }
});

interface Cell {
  readonly optOut: OptOut;
  readonly upgrade: Upgrade;
  readonly namespace: string;
}

async function assertLasts(cluster: Cluster, { optOut, upgrade, namespace }: Cell): Promise<void> {
  const place = { cluster, namespace };
  await cluster.client.must('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  await optOut.before?.(place, upgrade);
  await upgrade.install(place, optOut.values ?? []);
  if (optOut.write) {
    assert.equal((await decided(cluster, namespace)).on, true, 'it was not on before');
    await optOut.write(place);
  }
  assertOff(await decided(cluster, namespace), 'before the upgrade');
  for (const round of optOut.isSample ? ['first', 'second'] : ['only']) {
    await upgrade.run(place, optOut.values ?? []);
    assertOff(await decided(cluster, namespace), `after the ${round} upgrade`);
  }
}

function assertOff({ on, decidedBy }: Consent, when: string): void {
  assert.equal(on, false, `${when}: ${decidedBy}`);
}

function isPossible(optOut: OptOut, upgrade: Upgrade): boolean {
  if (upgrade.isSample && !optOut.isSample) return false;
  return !(optOut.lostBy ?? []).some((word) => upgrade.title.includes(word));
}
