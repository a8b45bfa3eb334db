import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formerSettings } from '../../../src/cli/install/former-settings.ts';
import type { KubeObject } from '../../../src/cli/install/kube-object.ts';
import { chartVersion } from '../../../src/cli/install/objects.ts';
import { planInstall } from '../../../src/cli/install/plan.ts';
import {
  decideSettings,
  type Former,
  NOTHING_SET,
  type Wishes,
} from '../../../src/cli/install/settings.ts';
import type { Consent } from '../../../src/consent/consent.ts';
import { anObject, aSnapshot, byHand, installed, NAMESPACE, withSidecar } from './fixtures.ts';

const machineOf = (on: boolean): Consent => ({ on, decidedBy: 'a switch says so', problems: [] });
const NO_WISHES: Wishes = {
  analytics: undefined,
  image: undefined,
  replicas: undefined,
  endpoint: undefined,
  writeKey: undefined,
};

function decide(parts: {
  readonly command?: 'install' | 'upgrade';
  readonly wishes?: Partial<Wishes>;
  readonly former?: Partial<Former>;
  readonly machine?: boolean;
}) {
  const { command = 'install', wishes = {}, former = {}, machine = true } = parts;
  return decideSettings({
    namespace: NAMESPACE,
    command,
    wishes: { ...NO_WISHES, ...wishes },
    former: { ...NOTHING_SET, ...former },
    machine: machineOf(machine),
  });
}

/** What is in the cluster, what the flag says, what the machine says -> what is installed. */
const INSTALL = [
  ['none', 'none', 'on', 'on'],
  ['none', 'none', 'off', 'off'],
  ['none', 'on', 'on', 'on'],
  ['none', 'on', 'off', 'on'],
  ['none', 'off', 'on', 'off'],
  ['none', 'off', 'off', 'off'],
  ['on', 'none', 'on', 'on'],
  ['on', 'none', 'off', 'off'],
  ['on', 'on', 'on', 'on'],
  ['on', 'on', 'off', 'on'],
  ['on', 'off', 'on', 'off'],
  ['on', 'off', 'off', 'off'],
  ['off', 'none', 'on', 'off'],
  ['off', 'none', 'off', 'off'],
  ['off', 'on', 'on', 'on'],
  ['off', 'on', 'off', 'on'],
  ['off', 'off', 'on', 'off'],
  ['off', 'off', 'off', 'off'],
] as const;

/** An upgrade never looks at the machine, and a missing answer is off. */
const UPGRADE = INSTALL.map(([cluster, flag, machine]) => {
  const said = flag === 'none' ? cluster : flag;
  return [cluster, flag, machine, said === 'none' ? 'off' : said] as const;
});

const said = (word: 'on' | 'off' | 'none') => (word === 'none' ? undefined : word === 'on');

describe('whether telemetry is installed on', () => {
  for (const [command, table] of [
    ['install', INSTALL],
    ['upgrade', UPGRADE],
  ] as const) {
    for (const [cluster, flag, machine, result] of table) {
      it(`is ${result} by ${command}: cluster ${cluster}, flag ${flag}, machine ${machine}`, () => {
        const { settings, decidedBy } = decide({
          command,
          wishes: { analytics: said(flag) },
          former: { analytics: said(cluster) },
          machine: machine === 'on',
        });
        assert.equal(settings.analytics, result === 'on');
        assert.notEqual(decidedBy, '');
      });
    }
  }
});

describe('the settings of an install', () => {
  it('are those from before, unless a flag says otherwise', () => {
    const former = { image: 'mine:1', replicas: 3, endpoint: 'https://a.example', writeKey: 'k' };
    const { settings } = decide({ former, wishes: { endpoint: 'https://b.example' } });
    assert.deepEqual(settings, {
      namespace: NAMESPACE,
      analytics: true,
      ...former,
      endpoint: 'https://b.example',
    });
  });

  it('have an image that is kept, unless a flag names one', () => {
    const former = { image: 'mine:1' };
    assert.equal(decide({ former }).keptImage, 'mine:1');
    assert.equal(decide({ former, wishes: { image: 'mine:2' } }).keptImage, undefined);
    assert.equal(decide({ former, wishes: { image: '' } }).keptImage, undefined);
    assert.equal(decide({}).keptImage, undefined);
  });

  it('are the defaults again if a flag is empty', () => {
    const former = { image: 'mine:1', endpoint: 'https://a.example', writeKey: 'k' };
    const { settings } = decide({ former, wishes: { image: '', endpoint: '', writeKey: '' } });
    assert.deepEqual(
      [settings.image, settings.endpoint, settings.writeKey],
      [undefined, undefined, undefined],
    );
  });
});

describe('the settings of a cluster', () => {
  const VERSION = chartVersion();
  const REPOSITORY = 'docker.io/kubeshop/kusk-gateway-telemetry';

  it('are none without a Deployment', () => {
    assert.deepEqual(formerSettings(aSnapshot([])), NOTHING_SET);
  });

  const settings = {
    analytics: false,
    image: 'registry.example/mine:1',
    replicas: 2,
    endpoint: 'https://a.example',
    writeKey: 'key',
  };
  const secret = anObject({
    kind: 'Secret',
    name: 'kusk-gateway-write-key',
    rest: { data: { writeKey: Buffer.from('key').toString('base64') } },
  });

  it('are read from the objects that they are in', () => {
    const objects = installed(settings).filter(({ kind }) => kind !== 'Secret');
    assert.deepEqual(formerSettings(aSnapshot([...objects, secret])), settings);
  });

  it('are those of the operator’s container, also behind a sidecar', () => {
    const objects = withSidecar(installed(settings).filter(({ kind }) => kind !== 'Secret'));
    assert.deepEqual(formerSettings(aSnapshot([...objects, secret])), settings);
    assert.equal(formerSettings(aSnapshot(withSidecar(installed()))).image, undefined);
  });

  it('have no image if it is the chart’s own, so that an upgrade brings the new one', () => {
    const { image, analytics } = formerSettings(aSnapshot(installed()));
    assert.deepEqual([image, analytics], [undefined, true]);
  });

  for (const image of [
    `${REPOSITORY}@sha256:${'0'.repeat(64)}`,
    `${REPOSITORY}:${VERSION}@sha256:${'0'.repeat(64)}`,
    `${REPOSITORY}:${VERSION}-hotfix`,
    REPOSITORY,
  ]) {
    it(`have an image of the chart’s repository that a person has set: ${image}`, () => {
      assert.equal(formerSettings(aSnapshot(installed({ image }))).image, image);
    });
  }

  it('have no image if it is that of an older chart, and have it if it was set', () => {
    const older = (image: string) => {
      const text = JSON.stringify(installed({ image }));
      const label = (version: string) => `"app.kubernetes.io/version":"${version}"`;
      return aSnapshot(JSON.parse(text.replaceAll(label(VERSION), label('0.0.9'))));
    };
    assert.equal(formerSettings(older(`${REPOSITORY}:0.0.9`)).image, undefined);
    assert.equal(formerSettings(older(`${REPOSITORY}:0.0.8`)).image, `${REPOSITORY}:0.0.8`);
  });

  it('have no telemetry if its switch cannot be understood', () => {
    const text = JSON.stringify(installed({ analytics: false })).replaceAll(
      '"value":"false"',
      '"value":"maybe"',
    );
    assert.equal(formerSettings(aSnapshot(JSON.parse(text))).analytics, false);
  });

  it('are not what a person wrote into the ConfigMap, which stays in force there', () => {
    const mapOf = (ANALYTICS_ENABLED: string) =>
      anObject({
        kind: 'ConfigMap',
        name: 'kusk-gateway-manager',
        by: [byHand('ANALYTICS_ENABLED', 'config.yaml')],
        rest: { data: { ANALYTICS_ENABLED, 'config.yaml': 'analytics: {enabeld: true}' } },
      });
    for (const map of ['no', 'false'].map(mapOf)) {
      assert.equal(formerSettings(aSnapshot([...installed(), map])).analytics, true);
      assert.equal(formerSettings(aSnapshot([map])).analytics, undefined);
    }
  });

  const off = installed({ analytics: false });
  const variable = { name: 'ANALYTICS_ENABLED', value: 'false' };
  const inMap: readonly { readonly title: string; readonly objects: readonly KubeObject[] }[] = [
    {
      title: 'after an install that was interrupted before the Deployment',
      objects: [...installed(), ...off.filter(({ kind }) => kind === 'ConfigMap')],
    },
    {
      title: 'without the Deployment',
      objects: off.filter(({ kind }) => kind !== 'Deployment'),
    },
    {
      title: 'without the variable of the Deployment',
      objects: JSON.parse(JSON.stringify(off).replace(`${JSON.stringify(variable)},`, '')),
    },
  ];
  for (const { title, objects } of inMap) {
    it(`have no telemetry if the switches in the ConfigMap say off: ${title}`, () => {
      const former = formerSettings(aSnapshot(objects));
      for (const command of ['install', 'upgrade'] as const) {
        const { settings: next, decidedBy } = decide({ command, former });
        assert.deepEqual([next.analytics, decidedBy], [false, 'it was off before']);
        const steps = planInstall(aSnapshot(objects), next);
        assert.ok(steps.some(({ action, object }) => action === 'apply' && isSwitches(object)));
      }
    });
  }
});

const isSwitches = ({ kind, metadata }: KubeObject) =>
  kind === 'ConfigMap' && metadata.name === 'kusk-gateway-manager';
