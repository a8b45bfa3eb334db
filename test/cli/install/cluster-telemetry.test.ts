import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import manifest from '../../../package.json' with { type: 'json' };
import { switchClusterOff, switchClusterOn } from '../../../src/cli/install/cluster-switch.ts';
import {
  readClusterTelemetry,
  writeClusterOptOut,
} from '../../../src/cli/install/cluster-telemetry.ts';
import type { KubeObject } from '../../../src/cli/install/kube-object.ts';
import type { Container, Deployment } from '../../../src/cli/install/object-settings.ts';
import { readConfigFile } from '../../../src/consent/config-file.ts';
import { parseConfig } from '../../../src/operator/config/config.ts';
import { clusterId } from '../../../src/record/events.ts';
import { firstLedger } from '../../../src/record/ledger.ts';
import { serializeLedger } from '../../../src/record/ledger-json.ts';
import { fakeApi, statusError } from './fake-api.ts';
import { anObject, BY_KUBECTL, installed, NAMESPACE, withSidecar } from './fixtures.ts';

const LEDGER = 'kusk-gateway-ledger';

function map(name: string, data: Readonly<Record<string, string>>): KubeObject {
  return anObject({ kind: 'ConfigMap', name, rest: { data } });
}

function setup(objects: readonly KubeObject[]) {
  const allowed = { status: { allowed: true, resourceRules: [] } };
  return fakeApi({ objects, answers: () => allowed });
}

/** What kubectl stores of a file in UTF-16 that says `false`, as an older PowerShell writes it. */
function inUtf16(key: string) {
  return { binaryData: { [key]: Buffer.from('\ufefffalse\r\n', 'utf16le').toString('base64') } };
}

const read = (objects: readonly KubeObject[]) =>
  readClusterTelemetry(setup(objects).api, NAMESPACE);

/** An installation whose container has other variables. */
function withParts(
  parts: Pick<Container, 'env' | 'envFrom'>,
  objects = installed(),
): readonly KubeObject[] {
  return objects.map((object) => {
    if (object.kind !== 'Deployment') return object;
    const { spec } = object as Deployment;
    const containers = spec.template.spec.containers.map((one) => ({ ...one, ...parts }));
    return { ...object, spec: { ...spec, template: { ...spec.template, spec: { containers } } } };
  });
}

describe('the telemetry of a cluster', () => {
  const optOut = (enabled: string) => map('kusk-gateway-opt-out', { enabled });
  const manager = (data: Readonly<Record<string, string>>) => map('kusk-gateway-manager', data);
  const cases = [
    { title: 'on by default', objects: [], on: true, by: 'default: no switch says off' },
    {
      title: 'off by the opt-out',
      objects: [optOut('No')],
      on: false,
      by: 'enabled in ConfigMap kusk-gateway-opt-out is "No"',
    },
    {
      title: 'on if the opt-out says on',
      objects: [optOut('true')],
      on: true,
      by: 'enabled in ConfigMap kusk-gateway-opt-out is "true"',
    },
    {
      title: 'off by a hand in the other ConfigMap',
      objects: [manager({ ANALYTICS_ENABLED: '0' })],
      on: false,
      by: 'ANALYTICS_ENABLED in ConfigMap kusk-gateway-manager is "0"',
    },
    {
      title: 'off by the file in it',
      objects: [manager({ 'config.yaml': 'analytics: {enable: off}' })],
      on: false,
      by: 'analytics.enable in config.yaml in ConfigMap kusk-gateway-manager is "off"',
    },
    {
      title: 'off by a file that is no YAML',
      objects: [manager({ 'config.yaml': ': [' })],
      on: false,
      by: "config.yaml in ConfigMap kusk-gateway-manager can't be understood",
    },
    {
      title: 'on by a file that says nothing about it',
      objects: [manager({ 'config.yaml': 'logLevel: info' })],
      on: true,
      by: 'default: no switch says off',
    },
  ];
  for (const { title, objects, on, by } of cases) {
    it(`is ${title}`, async () => {
      const { consent } = await read([...installed(), ...objects]);
      assert.deepEqual([consent.on, consent.decidedBy], [on, by]);
    });
  }

  for (const [name, key, by] of [
    ['kusk-gateway-opt-out', 'enabled', 'enabled in ConfigMap kusk-gateway-opt-out'],
    ['kusk-gateway-manager', 'config.yaml', 'config.yaml in ConfigMap kusk-gateway-manager'],
  ] as const) {
    it(`is off by ${key} that kubectl stored as binary, as for the operator`, async () => {
      const stored = anObject({ kind: 'ConfigMap', name, rest: inUtf16(key) });
      const { consent } = await read([...installed(), stored]);
      assert.deepEqual([consent.on, consent.decidedBy], [false, `${by} can't be understood`]);
    });
  }

  const CONFIG = { configMapRef: { name: 'config' } };
  const SECRET = { secretRef: { name: 'secret' } };
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const inConfig = (data: Readonly<Record<string, string>>) => map('config', data);
  const inSecret = (key: string, value: string) =>
    anObject({ kind: 'Secret', name: 'secret', rest: { data: { [key]: base64(value) } } });
  const fromElsewhere: readonly {
    readonly title: string;
    readonly parts: Pick<Container, 'env' | 'envFrom'>;
    readonly objects: readonly KubeObject[];
    readonly by: string;
  }[] = [
    {
      title: 'a ConfigMap of envFrom',
      parts: { envFrom: [CONFIG] },
      objects: [inConfig({ ANALYTICS_ENABLED: 'no' })],
      by: 'ANALYTICS_ENABLED in ConfigMap config is "no"',
    },
    {
      title: 'a Secret of envFrom with a prefix',
      parts: { envFrom: [{ ...SECRET, prefix: 'DO_' }] },
      objects: [inSecret('NOT_TRACK', '1')],
      by: 'NOT_TRACK in Secret secret is "1"',
    },
    {
      title: 'the last source of envFrom',
      parts: { envFrom: [CONFIG, SECRET] },
      objects: [inConfig({ ANALYTICS_ENABLED: 'yes' }), inSecret('ANALYTICS_ENABLED', 'off')],
      by: 'ANALYTICS_ENABLED in Secret secret is "off"',
    },
    {
      title: 'a key of a ConfigMap',
      parts: {
        env: [
          {
            name: 'ANALYTICS_ENABLED',
            valueFrom: { configMapKeyRef: { name: 'config', key: 'telemetry' } },
          },
        ],
      },
      objects: [inConfig({ telemetry: 'false' })],
      by: 'telemetry in ConfigMap config is "false"',
    },
    {
      title: 'a key of a Secret',
      parts: {
        env: [
          { name: 'DO_NOT_TRACK', valueFrom: { secretKeyRef: { name: 'secret', key: 'dnt' } } },
        ],
      },
      objects: [inSecret('dnt', 'true')],
      by: 'dnt in Secret secret is "true"',
    },
    {
      title: 'env, which wins over envFrom',
      parts: { env: [{ name: 'ANALYTICS_ENABLED', value: 'false' }], envFrom: [CONFIG] },
      objects: [inConfig({ ANALYTICS_ENABLED: 'true' })],
      by: 'ANALYTICS_ENABLED of the Deployment is "false"',
    },
  ];
  for (const { title, parts, objects, by } of fromElsewhere) {
    it(`is off by ${title}`, async () => {
      const { consent } = await read([...withParts(parts), ...objects]);
      assert.deepEqual(consent, { on: false, decidedBy: by, problems: [] });
    });
  }

  it('is on by env, whatever envFrom says, and although a source is missing', async () => {
    const env = [{ name: 'ANALYTICS_ENABLED', value: 'true' }];
    const { consent } = await read([
      ...withParts({ env, envFrom: [CONFIG, SECRET] }),
      inConfig({ ANALYTICS_ENABLED: 'false' }),
    ]);
    assert.deepEqual([consent.on, consent.problems], [true, []]);
  });

  it('has a problem if a Secret with variables may not be read', async () => {
    const { api } = fakeApi({
      objects: withParts({ envFrom: [SECRET] }),
      errors: { [`read Secret ${NAMESPACE}/secret`]: statusError(403) },
    });
    const { consent } = await readClusterTelemetry(api, NAMESPACE);
    assert.equal(consent.on, true);
    assert.deepEqual(consent.problems, [
      'your account may not read Secret secret, from which the operator has variables: a switch in it does not show here',
    ]);
  });

  const fieldRef = { fieldPath: "metadata.annotations['telemetry']" };
  for (const variable of [
    { name: 'ANALYTICS_ENABLED', valueFrom: { fieldRef } },
    { name: 'ANALYTICS_ENABLED', value: '$(SWITCH)' },
    { name: 'DO_NOT_TRACK', valueFrom: { fieldRef } },
    { name: 'ANALYTICS_ENDPOINT', value: 'https://$(HOST)/' },
  ]) {
    it(`has a problem if only a pod has a variable: ${JSON.stringify(variable)}`, async () => {
      const { consent, endpoint } = await read(withParts({ env: [variable], envFrom: [CONFIG] }));
      assert.deepEqual([consent.on, consent.decidedBy], [true, 'default: no switch says off']);
      assert.deepEqual(consent.problems, [
        `${variable.name} of the Deployment can't be read from outside a pod: what it says does not show here`,
      ]);
      const isEndpoint = variable.name === 'ANALYTICS_ENDPOINT';
      assert.equal(endpoint, isEndpoint ? 'unknown: a pod computes it' : 'https://api.segment.io');
    });
  }

  it('is off by env, also if only a pod has the same variable before it', async () => {
    const name = 'ANALYTICS_ENABLED';
    const env = [
      { name, valueFrom: { fieldRef } },
      { name, value: 'false' },
    ];
    const { consent } = await read(withParts({ env }));
    assert.deepEqual([consent.on, consent.problems], [false, []]);
  });

  it('is off by what kusk installed', async () => {
    const { consent, operator, endpoint } = await read(installed({ analytics: false }));
    assert.deepEqual(
      [consent.on, consent.decidedBy, operator?.owner.by, operator?.version, endpoint],
      [
        false,
        'ANALYTICS_ENABLED of the Deployment is "false"',
        'kusk',
        manifest.version,
        'https://api.segment.io',
      ],
    );
  });

  it('is that of the operator’s container, also behind a sidecar', async () => {
    const settings = { analytics: false, endpoint: 'https://c.example', writeKey: 'key' };
    const objects = installed(settings).filter(({ kind }) => kind !== 'ConfigMap');
    const { consent, operator, endpoint, hasWriteKey } = await read(withSidecar(objects));
    assert.deepEqual(
      [consent.decidedBy, operator?.tag, endpoint, hasWriteKey],
      ['ANALYTICS_ENABLED of the Deployment is "false"', undefined, 'https://c.example', true],
    );
  });

  const FILE = 'analytics: {endpoint: "https://file.example/", writeKey: key}';
  const inFile: readonly {
    readonly title: string;
    readonly value: string;
    readonly file: string | undefined;
  }[] = [
    { title: 'from the file', value: '', file: FILE },
    { title: 'from the file beside a blank variable', value: '" "', file: FILE },
    { title: 'from the variable', value: ' https://variable.example/ ', file: FILE },
    { title: 'by default', value: '', file: 'analytics: {endpoint: " ", writeKey: ""}' },
    { title: 'by default without a file', value: '', file: undefined },
  ];
  for (const { title, value, file } of inFile) {
    it(`has the endpoint and the write key of the operator: ${title}`, async () => {
      const objects = [
        ...withParts({ env: [{ name: 'ANALYTICS_ENDPOINT', value }] }),
        ...(file === undefined ? [] : [manager({ 'config.yaml': file })]),
      ];
      const found = await read(objects);
      const configFile = readConfigFile('config.yaml', { text: file ?? '' });
      const config = parseConfig(configFile, { ANALYTICS_ENDPOINT: value });
      assert.equal(new URL(found.endpoint).href, config.endpoint?.href);
      assert.equal(found.hasWriteKey, config.writeKey !== undefined);
    });
  }

  it('has an endpoint that is said to be no text, as the operator then sends nothing', async () => {
    for (const endpoint of ['{toString: x}', '[https://a.example]', '5']) {
      const data = { 'config.yaml': `analytics: {endpoint: ${endpoint}}` };
      const found = await read([...installed(), map('kusk-gateway-manager', data)]);
      assert.equal(found.endpoint, 'not valid: analytics.endpoint is no text');
    }
  });

  const ledgers = [
    { title: 'none', data: undefined, state: 'none' },
    { title: 'empty', data: {}, state: 'empty' },
    { title: 'damaged', data: { 'ledger.json': '{' }, state: 'damaged' },
    { title: 'newer', data: { 'ledger.json': '{"version":9}' }, state: 'newer' },
    {
      title: 'read',
      data: {
        'ledger.json': serializeLedger(firstLedger({ createdAt: 1, resourceVersion: '1' })),
      },
      state: 'read',
    },
  ];
  for (const { title, data, state } of ledgers) {
    it(`has a ledger that is ${title}`, async () => {
      const { ledger } = await read(data === undefined ? [] : [map(LEDGER, data)]);
      assert.equal(ledger.state, state);
    });
  }
});

describe('a ledger that names its cluster', () => {
  const UID = '7d9b6c1e-6a52-4a0b-9d0f-0c8f4f9d1d11';
  const LIVE = anObject({ kind: 'Namespace', name: 'kube-system', namespace: undefined });
  const kubeSystem = { ...LIVE, metadata: { ...LIVE.metadata, uid: UID } };
  const ledgerOf = (cluster: string) => {
    const ledger = { ...firstLedger({ createdAt: 1, resourceVersion: '1' }), cluster };
    return map(LEDGER, { 'ledger.json': serializeLedger(ledger) });
  };

  const cases = [
    { title: 'is used in this cluster', ledger: ledgerOf(clusterId(UID)), state: 'read' },
    { title: 'is not used in another one', ledger: ledgerOf('f'.repeat(64)), state: 'foreign' },
  ];
  for (const { title, ledger: found, state } of cases) {
    it(title, async () => {
      assert.equal((await read([kubeSystem, found])).ledger.state, state);
    });
  }

  it('is used if the account may not read which cluster this is', async () => {
    const { api } = fakeApi({
      objects: [ledgerOf('f'.repeat(64))],
      errors: { 'read Namespace kube-system': statusError(403) },
    });
    assert.equal((await readClusterTelemetry(api, NAMESPACE)).ledger.state, 'read');
  });
});

describe('the switch of a cluster', () => {
  it('writes the opt-out that no tool renders, whoever has written it before', async () => {
    const { api, stored, calls } = setup([]);
    await writeClusterOptOut(api, { namespace: NAMESPACE, enabled: false });
    const found = stored.get(`ConfigMap ${NAMESPACE}/kusk-gateway-opt-out`);
    assert.deepEqual(found?.data, { enabled: 'false' });
    assert.ok(calls.includes('by force'));
  });

  const ENABLED = `ConfigMap ${NAMESPACE}/kusk-gateway-opt-out`;
  const unwritable = (rest: Readonly<Record<string, unknown>>) =>
    fakeApi({
      objects: [anObject({ kind: 'ConfigMap', name: 'kusk-gateway-opt-out', rest })],
      errors: { [`apply ${ENABLED}`]: statusError(422) },
    });

  it('writes over an opt-out that kubectl stored as binary', async () => {
    const { api, merged } = unwritable(inUtf16('enabled'));
    await writeClusterOptOut(api, { namespace: NAMESPACE, enabled: false });
    assert.deepEqual(merged, [{ data: { enabled: 'false' }, binaryData: { enabled: null } }]);
  });

  it('can’t change an immutable opt-out, unless it says the same already', async () => {
    for (const said of ['no', 'yes']) {
      const { api, merged } = unwritable({ immutable: true, data: { enabled: said } });
      const write = (enabled: boolean) =>
        writeClusterOptOut(api, { namespace: NAMESPACE, enabled });
      await write(said === 'yes');
      const again = unwritable({ immutable: true, data: { enabled: said } }).api;
      await assert.rejects(
        writeClusterOptOut(again, { namespace: NAMESPACE, enabled: said === 'no' }),
        {
          message: `ConfigMap kusk-gateway-opt-out in namespace ${NAMESPACE} is immutable: it can't be changed`,
          advice: 'Delete it, and run this command again.',
        },
      );
      assert.deepEqual(merged, []);
    }
  });

  it('off leaves the installation as it is', async () => {
    const { api, calls } = setup(installed());
    const found = await switchClusterOff(api, { namespace: NAMESPACE, flags: {} });
    assert.ok('telemetry' in found);
    assert.equal(found.telemetry.consent.on, false);
    const applied = calls.filter((call) => /^(apply|create|remove)/.test(call));
    assert.deepEqual(applied, [`apply ConfigMap ${NAMESPACE}/kusk-gateway-opt-out`]);
  });

  it('on also turns on what kusk had installed off, with its settings', async () => {
    const { api, stored } = setup(installed({ analytics: false, endpoint: 'https://c.example' }));
    const { telemetry, advice } = await switchClusterOn(api, { namespace: NAMESPACE, flags: {} });
    assert.deepEqual(
      [telemetry.consent.on, telemetry.endpoint, advice],
      [true, 'https://c.example', undefined],
    );
    assert.ok(stored.has(`ClusterRole ${NAMESPACE}:kusk-gateway-manager`));
  });

  it('on names the value to set for a release of Helm, and leaves it alone', async () => {
    const annotations = { 'meta.helm.sh/release-name': 'gw' };
    const release = installed({ analytics: false }).map((object) => ({
      ...object,
      metadata: { ...object.metadata, annotations },
    }));
    const { api, calls } = setup(release);
    const { telemetry, advice } = await switchClusterOn(api, { namespace: NAMESPACE, flags: {} });
    assert.equal(telemetry.consent.on, false);
    assert.match(advice ?? '', /^helm upgrade gw .* --set analytics\.enabled=true$/);
    assert.deepEqual(
      calls.filter((call) => call.startsWith('apply')),
      [`apply ConfigMap ${NAMESPACE}/kusk-gateway-opt-out`],
    );
  });

  it('on names the change of a Secret that still says off', async () => {
    const parts = { envFrom: [{ secretRef: { name: 'secret' } }] };
    const data = { ANALYTICS_ENABLED: Buffer.from('no').toString('base64') };
    const secret = anObject({ kind: 'Secret', name: 'secret', rest: { data } });
    const { api } = setup([...withParts(parts, installed({}, [BY_KUBECTL])), secret]);
    const { advice } = await switchClusterOn(api, { namespace: NAMESPACE, flags: {} });
    assert.equal(
      advice,
      `kubectl -n kusk-system patch secret secret --type=merge --patch='{"stringData":{"ANALYTICS_ENABLED":"true"}}' && kubectl -n kusk-system rollout restart deployment/kusk-gateway-manager`,
    );
  });

  const hands = [
    {
      title: 'a variable',
      data: { ANALYTICS_ENABLED: 'no', 'config.yaml': 'analytics: {endpoint: https://own}' },
      expected: `kubectl -n kusk-system patch configmap kusk-gateway-manager --type=merge --patch='{"data":{"ANALYTICS_ENABLED":null}}'`,
    },
    {
      title: 'a file, which keeps its other settings',
      data: { 'config.yaml': 'analytics: {enabled: false, endpoint: https://own}' },
      expected:
        'Set analytics.enabled to true in config.yaml: kubectl -n kusk-system edit configmap kusk-gateway-manager',
    },
    {
      title: 'the former setting of a file',
      data: { 'config.yaml': 'analytics: {enable: false}' },
      expected:
        'Set analytics.enable to true in config.yaml: kubectl -n kusk-system edit configmap kusk-gateway-manager',
    },
  ];
  for (const { title, data, expected } of hands) {
    it(`on names the switch of a hand that still says off: ${title}`, async () => {
      const by = [{ manager: 'kubectl-create', operation: 'Update' }];
      const name = 'kusk-gateway-manager';
      const hand = anObject({ kind: 'ConfigMap', name, by, labels: {}, rest: { data } });
      const { api } = setup([...installed(), hand]);
      const { advice } = await switchClusterOn(api, { namespace: NAMESPACE, flags: {} });
      assert.equal(advice, expected);
    });
  }
});
