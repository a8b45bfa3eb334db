import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CommandError } from '../../../src/cli/command-error.ts';
import { clusterStatus, unreachableStatus } from '../../../src/cli/commands/analytics-cluster.ts';
import type { ClusterTelemetry } from '../../../src/cli/install/cluster-telemetry.ts';
import { decideConsent } from '../../../src/consent/consent.ts';
import { firstLedger, withdrawConsent } from '../../../src/record/ledger.ts';

const LEDGER = {
  ...firstLedger({ createdAt: 1_795_434_161, resourceVersion: '1' }),
  cluster: 'c1',
};
const ON: ClusterTelemetry = {
  namespace: 'kusk-system',
  operator: {
    name: 'kusk-gateway-manager',
    version: '0.1.0',
    tag: '0.0.9',
    owner: { by: 'kusk' },
  },
  elsewhere: [],
  consent: decideConsent([]),
  offBy: undefined,
  endpoint: 'https://me:secret@collector.example/in?token=secret',
  hasWriteKey: true,
  ledger: { state: 'read', ledger: LEDGER },
};
const OFF = decideConsent([{ name: 'the opt-out', value: 'false' }]);

describe('the status of a cluster', () => {
  it('has everything that is known, without secrets', () => {
    assert.deepEqual(clusterStatus(ON, {}), {
      namespace: 'kusk-system',
      telemetry: 'on',
      decidedBy: 'default: no switch says off',
      since: '2026-11-23T11:42:41.000Z',
      id: 'c1',
      endpoint: 'https://collector.example/in',
      writeKey: 'set',
      pending: 0,
      operator: '0.1.0',
      operatorTag: '0.0.9',
      owner: 'kusk',
      change: 'kusk analytics disable --cluster switches it off.',
      problems: [],
    });
  });

  it('has commands for the cluster of the flags', () => {
    const flags = { context: 'prod', kubeconfig: 'f' };
    const change = (found: Partial<ClusterTelemetry>) =>
      clusterStatus({ ...ON, ...found }, flags).change;
    const named = '--kubeconfig f --context prod';
    assert.deepEqual(
      [change({}), change({ consent: OFF }), change({ operator: undefined })],
      [
        `kusk analytics disable --cluster ${named} switches it off.`,
        `kusk analytics enable --cluster ${named} switches it on.`,
        `kusk cluster install --analytics off ${named} installs one whose telemetry is off.`,
      ],
    );
  });

  const cases: readonly {
    readonly title: string;
    readonly found: Partial<ClusterTelemetry>;
    readonly expected: object;
  }[] = [
    {
      title: 'names the switch that is off, and the way back',
      found: { consent: OFF },
      expected: {
        telemetry: 'off',
        decidedBy: 'the opt-out is "false"',
        change: 'kusk analytics enable --cluster switches it on.',
      },
    },
    {
      title: 'does not show since when it was on while the operator has not followed an off',
      found: { consent: OFF },
      expected: { telemetry: 'off', since: null },
    },
    {
      title: 'shows since when it is off as soon as the operator has followed',
      found: {
        consent: OFF,
        ledger: { state: 'read', ledger: withdrawConsent(LEDGER, '2026-11-24T08:00:00.000Z') },
      },
      expected: { telemetry: 'off', since: '2026-11-24T08:00:00.000Z' },
    },
    {
      title: 'does not show since when an operator that is gone was on',
      found: { operator: undefined },
      expected: { telemetry: 'none', since: null, id: 'c1' },
    },
    {
      title: 'has the command for the namespace',
      found: { consent: OFF, namespace: 'other' },
      expected: { change: 'kusk analytics enable --cluster -n other switches it on.' },
    },
    {
      title: 'names the change that helps',
      found: {
        consent: OFF,
        offBy: { kind: 'ConfigMap', name: 'env', key: 'telemetry', variable: 'ANALYTICS_ENABLED' },
      },
      expected: {
        change:
          'This switches it on, unless another switch says off:\n  kubectl -n kusk-system patch configmap env --type=merge --patch=\'{"data":{"telemetry":"true"}}\' && kubectl -n kusk-system rollout restart deployment/kusk-gateway-manager',
      },
    },
    {
      title: 'has what to do in the editor',
      found: {
        consent: OFF,
        offBy: {
          kind: 'own ConfigMap',
          name: 'gw',
          key: 'config.yaml',
          setting: 'analytics.enabled',
        },
      },
      expected: {
        change:
          'Set analytics.enabled to true in config.yaml:\n  kubectl -n kusk-system edit configmap gw',
      },
    },
    {
      title: 'names the tool if no command helps',
      found: {
        operator: {
          name: 'gw',
          version: undefined,
          tag: undefined,
          owner: { by: 'Argo CD', application: 'gw' },
        },
        consent: OFF,
        offBy: { kind: 'Deployment', variable: 'DO_NOT_TRACK' },
      },
      expected: {
        change: 'Take DO_NOT_TRACK out of the Deployment, as Argo CD application gw has it.',
      },
    },
    {
      title: 'says that there is no operator',
      found: { operator: undefined, ledger: { state: 'none' } },
      expected: {
        telemetry: 'none',
        decidedBy: 'there is no operator in namespace kusk-system',
        since: null,
        endpoint: null,
      },
    },
    {
      title: 'says that an operator would be off',
      found: { operator: undefined, consent: OFF },
      expected: { telemetry: 'none', decidedBy: 'the opt-out is "false"' },
    },
    {
      title: 'names the namespace of an operator, with the command for it',
      found: { operator: undefined, elsewhere: ['kusk-telemetry'], consent: OFF },
      expected: {
        telemetry: 'none',
        decidedBy:
          'there is no operator in namespace kusk-system, and an operator runs in namespace kusk-telemetry',
        change: 'See:\n  kusk analytics status -n kusk-telemetry',
      },
    },
    {
      title: 'says that an operator may be in another namespace',
      found: { operator: undefined, elsewhere: 'forbidden', consent: OFF },
      expected: {
        telemetry: 'none',
        decidedBy: 'the opt-out is "false"',
        problems: [
          'you may not list Deployments in all namespaces: name that of the operator with -n',
        ],
      },
    },
    {
      title: 'does not know the write key of an image',
      found: { hasWriteKey: false },
      expected: { writeKey: 'unknown' },
    },
    {
      title: 'names a damaged ledger',
      found: { ledger: { state: 'damaged', problem: 'kinds is not a mapping' } },
      expected: { problems: ['the ledger is damaged: kinds is not a mapping'], pending: null },
    },
    {
      title: 'names a ledger of a newer version',
      found: { ledger: { state: 'newer' } },
      expected: { problems: ['a newer version has written the ledger'] },
    },
    {
      title: 'shows nothing of a ledger of another cluster',
      found: { ledger: { state: 'foreign' } },
      expected: {
        since: null,
        id: null,
        pending: null,
        problems: [
          'the ledger belongs to another cluster, as after a restore: the operator does not use it, and begins a new one when it is on',
        ],
      },
    },
    {
      title: 'hides the password of an endpoint that is none',
      found: { endpoint: 'me:secret@host' },
      expected: { endpoint: 'host' },
    },
  ];
  for (const { title, found, expected } of cases) {
    it(title, () =>
      assert.partialDeepStrictEqual(clusterStatus({ ...ON, ...found }, {}), expected),
    );
  }

  it('says why it can not be read', () => {
    const error = new CommandError('no way', { advice: 'Look for one.', exitCode: 3 });
    assert.partialDeepStrictEqual(unreachableStatus('kusk-system', error), {
      telemetry: 'unknown',
      decidedBy: 'no way',
      change: 'Look for one.',
    });
    assert.equal(unreachableStatus('kusk-system', 'text').decidedBy, 'text');
  });
});
