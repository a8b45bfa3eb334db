import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../src/cli/install/kube-object.ts';
import { keptText, lossText, planUninstall } from '../../../src/cli/install/uninstall-plan.ts';
import { firstLedger } from '../../../src/record/ledger.ts';
import {
  anObject,
  aSnapshot,
  BY_KUBECTL,
  BY_KUSK,
  byHand,
  installed,
  NAMESPACE,
} from './fixtures.ts';

const NOTHING = { crds: false, ledger: false };
const ALL = { crds: true, ledger: true };
const isSwitches = ({ kind, metadata }: KubeObject) =>
  kind === 'ConfigMap' && metadata.name === 'kusk-gateway-manager';
const isLedger = ({ metadata }: KubeObject) => metadata.name === 'kusk-gateway-ledger';

describe('an uninstall', () => {
  it('deletes the Deployment first, and keeps namespace, CRDs and ledger', () => {
    const { deployments, others, ledger, crds, kept } = planUninstall(
      aSnapshot(installed()),
      NOTHING,
    );
    assert.deepEqual(
      deployments.map(({ kind }) => kind),
      ['Deployment'],
    );
    assert.ok(others.length > 5);
    assert.ok(!others.some((object) => isLedger(object) || object.kind === 'Namespace'));
    assert.deepEqual([ledger, crds], [[], []]);
    assert.equal(kept.length, 4);
  });

  it('deletes what kubectl applied too, and nothing of another tool', () => {
    const objects = installed({}, [BY_KUBECTL]);
    const foreign = anObject({
      name: 'x',
      annotations: { 'meta.helm.sh/release-name': 'gw' },
    });
    const { objects: doomed } = planUninstall(aSnapshot([...objects, foreign]), NOTHING);
    assert.ok(doomed.length > 5);
    assert.ok(!doomed.includes(foreign));
  });

  it('does not delete CRDs of another owner', () => {
    const crd = anObject({
      kind: 'CustomResourceDefinition',
      name: 'apis.gateway.kusk.io',
      namespace: undefined,
      annotations: { 'meta.helm.sh/release-name': 'gw' },
    });
    const snapshot = aSnapshot([crd]);
    assert.throws(() => planUninstall(snapshot, ALL), {
      message:
        'CustomResourceDefinition apis.gateway.kusk.io belongs to Helm release gw. Nothing was changed',
    });
    assert.deepEqual(planUninstall(snapshot, NOTHING).kept, [crd]);
  });

  for (const data of [
    { ANALYTICS_ENABLED: 'no' },
    { ANALYTICS_ENABLED: 'false', 'config.yaml': 'analytics: {enabled: false}' },
  ]) {
    it(`keeps the switches with ${Object.keys(data).join(' and ')} that a person has written, and says so`, () => {
      const by = [BY_KUSK, byHand(...Object.keys(data))];
      const edited = installed({ analytics: false }).map((object) =>
        isSwitches(object)
          ? { ...object, metadata: { ...object.metadata, managedFields: by }, data }
          : object,
      );
      const doomed = planUninstall(aSnapshot(edited), ALL);
      assert.ok(!doomed.objects.some(isSwitches));
      assert.ok(doomed.kept.some(isSwitches));
      assert.match(
        keptText(doomed),
        /^Kept: ConfigMap kusk-system\/kusk-gateway-manager, because a person has written into it\nKept: the namespace/,
      );
    });
  }

  it('deletes the switches that it wrote itself', () => {
    const doomed = planUninstall(aSnapshot(installed({ analytics: false })), NOTHING);
    assert.ok(doomed.objects.some(isSwitches));
    assert.ok(!doomed.kept.some(isSwitches));
  });

  it('says what will be lost, and what is kept', () => {
    const ledger = firstLedger({ createdAt: 1_700_000_000, resourceVersion: '1' });
    const objects = installed();
    const doomed = planUninstall(aSnapshot(objects), ALL);
    const counts = [
      { kind: 'API', count: 1 },
      { kind: 'StaticRoute', count: 2 },
    ];
    assert.equal(
      lossText(doomed, { counts, reading: { state: 'read', ledger }, namespace: NAMESPACE }),
      [
        `From namespace kusk-system: the operator, ${doomed.objects.length} objects.`,
        'The ledger: telemetry since 2023-11-14T22:13:20.000Z, 0 events that are not sent yet,',
        '  0 that were. Another install is counted as a second installation.',
        'From the whole cluster: 3 CRDs, and with them',
        '  1 API, 2 StaticRoutes. This cannot be undone.',
        '',
      ].join('\n'),
    );
    assert.match(
      keptText(planUninstall(aSnapshot(objects), NOTHING)),
      /^Kept: 3 CRDs.*\nKept: ledger/,
    );
  });

  const readings = [
    [{ state: 'empty' }, 'it is empty.'],
    [{ state: 'damaged', problem: 'no JSON' }, 'it is damaged.'],
    [{ state: 'foreign' }, "it is another cluster's, and is not used in this one."],
    [
      { state: 'newer' },
      'a newer operator has written it. Another install is counted as a second installation.',
    ],
  ] as const;
  for (const [reading, text] of readings) {
    it(`says that the ledger that will be lost is ${reading.state}`, () => {
      const doomed = planUninstall(aSnapshot(installed()), ALL);
      const said = lossText(doomed, { counts: [], reading, namespace: NAMESPACE });
      assert.ok(said.includes(`The ledger: ${text}\n`), said);
    });
  }
});
