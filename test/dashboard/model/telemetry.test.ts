import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Facts, NO_FACTS } from '../../../src/dashboard/model/facts.ts';
import type { Installation } from '../../../src/dashboard/model/installation.ts';
import { telemetryOf } from '../../../src/dashboard/model/telemetry.ts';
import { clusterId } from '../../../src/record/events.ts';
import { firstLedger, type Ledger, withdrawConsent } from '../../../src/record/ledger.ts';

const CLUSTER = clusterId('a-cluster');
const NOW = '2026-11-23T12:00:00.000Z';
const FLAGS = { kusk: ' --context prod', kubectl: ' --context prod' };
const OPTIONS = { namespace: 'kusk-system', flags: FLAGS, nowMs: Date.parse(NOW) };
const START = { createdAt: OPTIONS.nowMs / 1000 - 3_600, resourceVersion: '100' };
const OPT_OUT = 'enabled in ConfigMap kusk-gateway-opt-out';

const OPERATOR = {
  name: 'm',
  version: '1',
  owner: 'kusk',
  replicas: { wanted: 1, ready: 1 },
  elects: true,
};
const INSTALLATION: Installation = {
  operator: OPERATOR,
  elsewhere: undefined,
  switches: [{ name: OPT_OUT, value: undefined }],
  unreadable: [],
  endpoint: 'https://api.segment.io/',
  hasWriteKey: true,
  commands: { off: [{ title: '', command: 'off' }], on: [{ title: '', command: 'on' }] },
};

const ELSEWHERE = { text: 'one runs in x', commands: [{ title: '', command: 'show x' }] };

function ledger(fields: Partial<Ledger> = {}): Facts['ledger'] {
  return { state: 'read', ledger: { ...firstLedger(START), cluster: CLUSTER, ...fields } };
}

interface Parts extends Partial<Omit<Facts, 'installation'>> {
  readonly installation?: Partial<Installation> | 'unread' | 'denied';
}

function facts({ installation = {}, ...parts }: Parts = {}): Facts {
  return {
    installation:
      typeof installation === 'string' ? installation : { ...INSTALLATION, ...installation },
    ledger: ledger(),
    lease: { spec: { holderIdentity: 'pod-1' }, isCurrent: true },
    computedId: CLUSTER,
    ...parts,
  };
}

const telemetry = (parts?: Parts) => telemetryOf(facts(parts), OPTIONS);
const withdrawn = ledger(withdrawConsent({ ...firstLedger(START), cluster: CLUSTER }, NOW));

describe('whether telemetry is on', () => {
  const off = { name: OPT_OUT, value: 'False' };
  const cases: readonly {
    readonly title: string;
    readonly parts: Parts;
    readonly expected: readonly [string, RegExp];
  }[] = [
    { title: 'by default', parts: {}, expected: ['on', /^default: no switch says off$/] },
    {
      title: 'with a switch that says off',
      parts: { installation: { switches: [off] } },
      expected: ['off', /opt-out is "False"/],
    },
    {
      title: 'with a switch that cannot be understood',
      parts: { installation: { switches: [{ name: OPT_OUT, value: 'perhaps' }] } },
      expected: ['off', /can't be understood/],
    },
    {
      title: 'without an operator',
      parts: { installation: { operator: undefined } },
      expected: ['not-installed', /^there is no operator in namespace kusk-system, nor in another/],
    },
    {
      title: 'without an operator, if one runs in another namespace',
      parts: { installation: { operator: undefined, elsewhere: ELSEWHERE } },
      expected: ['elsewhere', /no operator in namespace kusk-system, and one runs in x$/],
    },
    {
      title: 'with one in another namespace, and a switch that may not be read',
      parts: {
        installation: { operator: undefined, elsewhere: ELSEWHERE, unreadable: ['You may not.'] },
      },
      expected: ['elsewhere', /no operator in namespace kusk-system, and one runs in x$/],
    },
    {
      title: 'before anything was read',
      parts: { installation: 'unread' },
      expected: ['unknown', /not read yet/],
    },
    {
      title: 'with a switch that may not be read, although the ledger says on',
      parts: { installation: { unreadable: ['You may not.'] } },
      expected: ['unknown', /^not every switch may be read. The ledger says on$/],
    },
    {
      title: 'with a switch that may not be read, and the ledger off',
      parts: { installation: { unreadable: ['You may not.'] }, ledger: withdrawn },
      expected: ['unknown', /The ledger says off$/],
    },
    {
      title: 'with no operator that may be read, although the ledger says on',
      parts: { installation: { operator: undefined, unreadable: ['You may not.'] } },
      expected: ['unknown', /The ledger says on$/],
    },
    {
      title: 'with a namespace that may not be read, although the ledger says on',
      parts: { installation: 'denied' },
      expected: ['unknown', /kusk-system may not be read. The ledger says on$/],
    },
    {
      title: 'with one switch off, and another that may not be read',
      parts: { installation: { switches: [off], unreadable: ['You may not.'] } },
      expected: ['off', /opt-out is "False"/],
    },
    {
      title: 'with nothing that may be read',
      parts: { installation: 'denied', ledger: { state: 'denied' } },
      expected: ['unknown', /may not be read/],
    },
  ];
  for (const { title, parts, expected } of cases) {
    it(title, () => {
      const { state, decidedBy } = telemetry(parts);
      assert.equal(state, expected[0]);
      assert.match(decidedBy, expected[1]);
    });
  }

  it('shows each switch, and which one decides', () => {
    const switches = [
      { name: 'a', value: 'true' },
      { name: 'b', value: '0' },
      { name: 'c', value: 'no' },
      { name: 'd', value: undefined },
      { name: 'e', value: 'x'.repeat(1_000) },
    ];
    const shown = telemetry({ installation: { switches } }).switches;
    assert.deepEqual(
      shown.map(({ name, says, decides }) => [name, says, decides]),
      [
        ['a', 'on', false],
        ['b', 'off', true],
        ['c', 'off', false],
        ['d', 'absent', false],
        ['e', 'invalid', false],
      ],
    );
    assert.equal(shown[4]?.value?.length, 101);
  });

  it('names the command that changes it', () => {
    const command = (parts: Parts) => telemetry(parts).commands[0]?.command;
    assert.equal(command({}), 'off');
    assert.equal(command({ installation: { switches: [off] } }), 'on');
    assert.equal(command({ installation: 'denied' }), undefined);
    assert.equal(command({ installation: { elsewhere: ELSEWHERE } }), 'show x');
  });
});

describe('what keeps events from leaving', () => {
  const operator = { ...OPERATOR, replicas: { wanted: 1, ready: 0 } };
  const idle = { spec: {}, isCurrent: false };
  const pending = [{ name: 'api-created', subject: 'a', at: START.createdAt } as const];
  const cases: readonly {
    readonly title: string;
    readonly parts: Parts;
    readonly says: RegExp;
  }[] = [
    {
      title: 'no ready replica',
      parts: { lease: idle, installation: { operator } },
      says: /No replica.*ready/,
    },
    {
      title: 'no replica at all',
      parts: {
        lease: idle,
        installation: { operator: { ...operator, replicas: { wanted: 0, ready: 0 } } },
      },
      says: /scaled to 0/,
    },
    { title: 'no leader', parts: { lease: idle }, says: /No replica leads at present/ },
    {
      title: 'no write key',
      parts: { lease: idle, installation: { hasWriteKey: false } },
      says: /no write key.*--write-key/,
    },
    {
      title: 'a ledger that says off',
      parts: { ledger: withdrawn },
      says: /ledger still says off/,
    },
    {
      title: 'a ledger of a newer version',
      parts: { ledger: { state: 'newer', version: 2 } },
      says: /newer version/,
    },
    {
      title: 'an endpoint that is away',
      parts: { ledger: ledger({ pending }) },
      says: /has not acknowledged an event of 2026-11-23T11:00:00.000Z/,
    },
  ];
  for (const { title, parts, says } of cases) {
    it(title, () => {
      const { obstacles } = telemetry(parts);
      assert.equal(obstacles.length, 1, `${obstacles}`);
      assert.match(obstacles[0] ?? '', says);
    });
  }

  const single = [
    { title: 'an idle Lease', lease: idle, ready: 1 },
    {
      title: 'a Lease of long ago',
      lease: { ...idle, spec: { holderIdentity: 'gone' } },
      ready: 1,
    },
    { title: 'no Lease', lease: undefined, ready: 1 },
    { title: 'a replica that is not ready yet', lease: idle, ready: 0 },
  ];
  for (const { title, lease, ready } of single) {
    it(`is nothing without leader election: ${title}`, () => {
      const alone = { ...OPERATOR, elects: false, replicas: { wanted: 1, ready } };
      assert.deepEqual(telemetry({ lease, installation: { operator: alone } }).obstacles, []);
    });
  }

  it('is a scale of 0 also without leader election', () => {
    const none = { ...OPERATOR, elects: false, replicas: { wanted: 0, ready: 0 } };
    const { obstacles } = telemetry({ lease: idle, installation: { operator: none } });
    assert.deepEqual(obstacles, ['The operator is scaled to 0 replicas.']);
  });

  it('is nothing if all is well, and is not asked if telemetry is off', () => {
    assert.deepEqual(telemetry().obstacles, []);
    assert.deepEqual(telemetry({ installation: { operator } }).obstacles, [], 'a leader sends');
    const switches = [{ name: OPT_OUT, value: 'no' }];
    assert.deepEqual(telemetry({ lease: idle, installation: { switches } }).obstacles, []);
  });
});

describe('what the ledger says', () => {
  it('has the heartbeats by day, the latest last, and what is pending', () => {
    const { heartbeats, pending, since, install, lastSent } = telemetry({
      ledger: ledger({
        installed: true,
        heartbeat: { recorded: ['2026-11-21', '2026-11-22'], outstanding: ['2026-11-23'] },
        pending: [
          { name: 'heartbeat', subject: '2026-11-22', at: 1_795_400_000 },
          { name: 'api-created', subject: 'a', at: 1_795_300_000 },
          { name: 'api-created', subject: 'b', at: 1_795_500_000 },
        ],
        sent: [{ timestamp: '2026-11-22T00:00:00.000Z' }, { timestamp: NOW }],
      }),
    });
    assert.deepEqual(
      heartbeats.map(({ day, state }) => `${day} ${state}`),
      ['2026-11-21 recorded', '2026-11-22 pending', '2026-11-23 outstanding'],
    );
    assert.deepEqual(pending, {
      total: 3,
      byName: { heartbeat: 1, 'api-created': 2 },
      oldest: new Date(1_795_300_000_000).toISOString(),
    });
    assert.deepEqual([install, since, lastSent], ['recorded', '2026-11-23T11:00:00.000Z', NOW]);
  });

  it('claims no install that the endpoint has not acknowledged', () => {
    const pending = { name: 'install', subject: '', at: START.createdAt } as const;
    const enqueued = { ...firstLedger(START), installed: true, pending: [pending] };
    const installOf = (fields?: Partial<Ledger>) => telemetry({ ledger: ledger(fields) }).install;
    assert.equal(installOf(), 'none');
    assert.equal(installOf(enqueued), 'pending');
    assert.equal(installOf({ ...enqueued, pending: [] }), 'recorded');
    assert.equal(telemetry({ ledger: { state: 'denied' } }).install, undefined);
  });

  const states: readonly {
    readonly ledger: Facts['ledger'];
    readonly expected: string;
    readonly isProblem: boolean;
  }[] = [
    { ledger: ledger(), expected: 'ok', isProblem: false },
    { ledger: { state: 'unread' }, expected: 'unread', isProblem: false },
    { ledger: { state: 'missing' }, expected: 'missing', isProblem: false },
    { ledger: { state: 'empty' }, expected: 'empty', isProblem: true },
    { ledger: { state: 'denied' }, expected: 'denied', isProblem: true },
    { ledger: { state: 'newer', version: 2 }, expected: 'newer', isProblem: true },
    {
      ledger: { state: 'damaged', problem: 'it is not JSON' },
      expected: 'damaged',
      isProblem: true,
    },
    { ledger: ledger({ cluster: 'cd'.repeat(32) }), expected: 'foreign', isProblem: true },
  ];
  for (const { ledger: found, expected, isProblem } of states) {
    it(`is ${expected}`, () => {
      const { ledger: shown, problems, since } = telemetry({ ledger: found });
      assert.equal(shown.state, expected);
      assert.equal(shown.message === '', expected === 'ok');
      assert.equal(problems.includes(shown.message), isProblem);
      assert.equal(since === undefined, expected !== 'ok');
    });
  }

  it('has commands for the cluster of the flags', () => {
    const lease = { spec: {}, isCurrent: false };
    const found = [
      telemetry({ installation: 'denied' }).problems,
      telemetry({ installation: { hasWriteKey: false }, lease }).obstacles,
      [telemetry().clusterId.command],
    ].flat();
    assert.deepEqual(
      found.map((text) => /(kusk cluster|kubectl)[^.']*--context prod/.exec(text)?.[0]),
      [
        'kusk cluster check --context prod',
        'kusk cluster upgrade --write-key KEY --context prod',
        'kubectl --context prod',
      ],
    );
  });

  it('names the cluster if kube-system may not be read', () => {
    const { clusterId: id } = telemetry({ computedId: undefined });
    assert.deepEqual([id.value, id.from], [CLUSTER, 'ledger']);
    const nothing = telemetryOf(NO_FACTS, OPTIONS).clusterId;
    assert.deepEqual([nothing.value, nothing.from], [undefined, undefined]);
  });
});
