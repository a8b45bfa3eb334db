import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import manifest from '../../../package.json' with { type: 'json' };
import type { CheckFacts } from '../../../src/cli/install/check-line.ts';
import { checkText } from '../../../src/cli/install/check-text.ts';
import { checkLines } from '../../../src/cli/install/checks.ts';
import type { ClusterTelemetry } from '../../../src/cli/install/cluster-telemetry.ts';
import { recordingTerminal } from '../context.ts';
import { aSnapshot, BY_KUBECTL, installed, NAMESPACE } from './fixtures.ts';

const TELEMETRY: ClusterTelemetry = {
  namespace: NAMESPACE,
  operator: undefined,
  elsewhere: [],
  consent: { on: true, decidedBy: 'default: no switch says off', problems: [] },
  offBy: undefined,
  endpoint: 'https://api.segment.io',
  hasWriteKey: false,
  ledger: { state: 'empty' },
};

function linesOf(parts: Partial<CheckFacts> = {}) {
  return checkLines({
    flags: { context: 'prod' },
    server: 'https://one.example',
    version: 'v1.36.3',
    snapshot: aSnapshot(installed()),
    missing: new Map(),
    objects: 14,
    telemetry: TELEMETRY,
    rollout: { state: 'ready', text: '1 of 1 pods ready' },
    trouble: undefined,
    pre: false,
    ...parts,
  });
}

const failing = (parts: Partial<CheckFacts>) =>
  linesOf(parts).flatMap(({ check, status }) => (status === 'ok' ? [] : `${status} ${check}`));

const deploymentBy = (annotations: object) =>
  installed().map((object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...object.metadata.annotations, ...annotations },
    },
  }));

describe('the lines of a check', () => {
  it('are one for each thing if all is well', () => {
    assert.deepEqual(
      linesOf().map(({ check, status, text }) => `${status} ${check}: ${text}`),
      [
        'ok API server: v1.36.3 at https://one.example',
        'ok rights: may create, change and delete all 14 objects',
        `ok installation: ${manifest.version} in namespace kusk-system, by kusk`,
        'ok CRDs: 3 of 3, by kusk',
        'ok Pod Security: no level is enforced',
        'ok readiness: 1 of 1 pods ready',
        'ok telemetry: on: default: no switch says off',
      ],
    );
  });

  const release = { 'meta.helm.sh/release-name': 'gw' };
  const cases: readonly {
    readonly title: string;
    readonly parts: Partial<CheckFacts>;
    readonly found: readonly string[];
  }[] = [
    { title: 'an old API server', parts: { version: 'v1.26.9' }, found: ['failed API server'] },
    {
      title: 'missing rights, a line for each object',
      parts: {
        missing: new Map([
          ['Role a', 'create'],
          ['Role b', 'patch'],
        ]),
      },
      found: ['failed rights', 'failed rights'],
    },
    {
      title: 'no installation and no CRDs',
      parts: { snapshot: aSnapshot([]) },
      found: ['failed installation', 'failed CRDs'],
    },
    {
      title: 'nothing at all before an install',
      parts: { snapshot: aSnapshot([]), pre: true },
      found: [],
    },
    {
      title: 'an installation of kubectl',
      parts: { snapshot: aSnapshot(installed({}, [BY_KUBECTL])) },
      found: ['warning installation'],
    },
    {
      title: 'no fault in an installation of Helm',
      parts: { snapshot: aSnapshot(deploymentBy(release)) },
      found: [],
    },
    {
      title: 'an installation of Helm before an install',
      parts: { snapshot: aSnapshot(deploymentBy(release)), pre: true },
      found: ['failed installation'],
    },
    {
      title: 'what cannot be seen',
      parts: {
        snapshot: aSnapshot([], {
          forbidden: ['get namespaces', 'get customresourcedefinitions', 'list deployments'],
        }),
      },
      found: ['failed rights', 'warning installation', 'warning CRDs', 'warning Pod Security'],
    },
    {
      title: 'pods that Pod Security refuses',
      parts: {
        rollout: { state: 'stuck', text: 'pods are refused: violates PodSecurity', advice: 'x' },
      },
      found: ['failed Pod Security', 'failed readiness'],
    },
    {
      title: 'a pod in trouble',
      parts: {
        rollout: { state: 'waiting', text: '0 of 1' },
        trouble: { text: 'ImagePullBackOff', advice: 'x' },
      },
      found: ['failed readiness'],
    },
    {
      title: 'a switch that cannot be understood',
      parts: {
        telemetry: { ...TELEMETRY, consent: { on: false, decidedBy: 'x', problems: ['y'] } },
      },
      found: ['warning telemetry'],
    },
    {
      title: 'a damaged ledger',
      parts: { telemetry: { ...TELEMETRY, ledger: { state: 'damaged', problem: 'x' } } },
      found: ['warning telemetry'],
    },
  ];
  for (const { title, parts, found } of cases) {
    it(`show ${title}`, () => assert.deepEqual(failing(parts), found));
  }

  it('have commands for the cluster of the flags', () => {
    const rollout = { state: 'waiting', text: '0 of 1 pods ready' } as const;
    const advice = [
      linesOf({ snapshot: aSnapshot([]) }),
      linesOf({ rollout }),
      linesOf({ snapshot: aSnapshot(installed({}, [BY_KUBECTL])) }),
    ].flatMap((lines) => lines.flatMap((line) => line.advice ?? []));
    assert.deepEqual(advice, [
      'Install it: kusk cluster install --context prod',
      'Create what is missing: kusk cluster install --context prod',
      `Wait, or see more: kubectl --context prod -n ${NAMESPACE} describe deployment kusk-gateway-manager`,
      'kusk cluster install --context prod takes it over, after a question.',
    ]);
  });

  it('have advice wherever they are not ok, but for what cannot be seen', () => {
    const all = cases.flatMap(({ parts }) => linesOf(parts));
    const silent = all.filter(
      ({ status, advice, text }) => status !== 'ok' && !advice && !/^unknown/.test(text),
    );
    assert.deepEqual(silent, []);
  });
});

describe('the text of a check', () => {
  it('has the advice once, is as wide as the terminal, and holds no control characters', () => {
    const advice = 'Ask an administrator of the cluster for these rights, please.';
    const lines = ['one', 'two\u001b[2J'].map(
      (text) => ({ check: 'rights', status: 'failed', text, advice }) as const,
    );
    assert.equal(
      checkText(lines, recordingTerminal({ columns: 60 })),
      [
        'failed   rights        one',
        'failed   rights        two\\u001b[2J',
        '                       Ask an administrator of the cluster',
        '                       for these rights, please.',
        '',
      ].join('\n'),
    );
  });
});
