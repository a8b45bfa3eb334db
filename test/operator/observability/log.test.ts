import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeStatusError, MissingObjectError } from '../../../src/cluster/errors.ts';
import {
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../../../src/deliver/delivery-error.ts';
import { type OperatorLog, operatorLog } from '../../../src/operator/observability/log.ts';

/** Every line as `level: message`, and the fields of the last one. */
function setup({ followsOptOut = true } = {}) {
  const lines: string[] = [];
  let fields: Readonly<Record<string, unknown>> = {};
  const write = (level: string) => (first: unknown, second?: string) => {
    lines.push(`${level}: ${second ?? String(first)}`);
    if (typeof first === 'object') fields = { ...first };
  };
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const announce: OperatorLog = operatorLog(log as Parameters<typeof operatorLog>[0], {
    namespace: 'gateways',
    followsOptOut,
  });
  return { announce, lines, fields: () => fields };
}

describe('the first lines', () => {
  it('say that telemetry is on, who decided it and how to change it', () => {
    const { announce, lines, fields } = setup();
    announce.consent({ on: true, decidedBy: 'default', problems: [] });
    assert.deepEqual(lines, ['info: telemetry is on']);
    assert.equal(fields().decidedBy, 'default');
    assert.match(String(fields().howToSwitchOff), /analytics\.enabled=false/);
  });

  it('name the ConfigMap that outlives upgrades first, if it is followed', () => {
    const { announce, fields } = setup();
    announce.consent({ on: true, decidedBy: 'default', problems: [] });
    assert.match(
      String(fields().howToSwitchOff),
      /^kubectl create configmap kusk-gateway-opt-out --namespace gateways --from-literal=enabled=false, or /,
    );
  });

  it('do not name a ConfigMap that is not followed', () => {
    const { announce, fields } = setup({ followsOptOut: false });
    announce.consent({ on: true, decidedBy: 'default', problems: [] });
    assert.doesNotMatch(String(fields().howToSwitchOff), /opt-out/);
  });

  it('say that telemetry is off, and each value that cannot be understood', () => {
    const { announce, lines, fields } = setup();
    announce.consent({ on: false, decidedBy: 'X', problems: ['a is 7', 'b is 8'] });
    assert.deepEqual(lines, [
      'error: a is 7',
      'error: b is 8',
      'info: telemetry is off: nothing is sent',
    ]);
    assert.match(String(fields().howToSwitchOn), /decidedBy/);
  });

  it('say the cluster’s id, and where events go, without what a URL may hide', () => {
    const { announce, fields } = setup();
    announce.cluster('abc', new URL('https://me:secret@segment.example/v1?key=secret'));
    assert.deepEqual(fields(), { clusterId: 'abc', to: 'https://segment.example/v1' });
  });
});

describe('the receiver', () => {
  it('that is away is a warning with a reason', () => {
    const { announce, lines, fields } = setup();
    announce.segment('away', new TemporaryDeliveryError('connection refused'));
    announce.segment('back');
    assert.deepEqual(lines, [
      'warn: the receiver is away: events are kept until it is back',
      'info: the receiver is back: what was kept is sent',
    ]);
    assert.deepEqual(fields(), { reason: 'connection refused' });
  });

  it('that refuses is an error that says what to check', () => {
    const { announce, lines } = setup();
    announce.segment('away', new PermanentDeliveryError('answered 401', { status: 401 }));
    assert.match(lines[0] ?? '', /^error: .*Check analytics\.writeKey and analytics\.endpoint/);
  });
});

describe('an event that is refused', () => {
  it('is an error that says which and why', () => {
    const { announce, lines, fields } = setup();
    announce.refused('abc', new PermanentDeliveryError('answered 400', { status: 400 }));
    assert.deepEqual(lines, [
      'error: the endpoint refuses this event: it is kept and tried again seldom, the others go on',
    ]);
    assert.deepEqual(fields(), { messageId: 'abc', reason: 'answered 400' });
  });
});

describe('trouble with the API server', () => {
  it('is said once for as long as it is the same', () => {
    const { announce, lines, fields } = setup();
    const { onTrouble } = announce.attempts('read the ledger');
    for (let count = 0; count < 3; count += 1) {
      onTrouble(new KubeStatusError(403, { reason: 'Forbidden' }));
    }
    assert.deepEqual(lines, ['warn: cannot read the ledger: trying again']);
    assert.match(String(fields().todo), /rbac/);
    onTrouble(new KubeStatusError(500));
    assert.equal(lines.length, 2);
    assert.equal(fields().todo, undefined);
  });

  for (const what of [
    'read the ledger',
    'read or write the lease',
    'read the namespace kube-system',
  ] as const) {
    it(`is said again when it comes a second time: cannot ${what}`, () => {
      const { announce, lines } = setup();
      for (let outage = 0; outage < 2; outage += 1) {
        announce.attempts(what).onTrouble(new KubeStatusError(500));
        announce.leader('leading');
        announce.attempts(what).onSuccess();
        announce.attempts(what).onSuccess();
      }
      const [fails, again] = [new RegExp(`^warn: cannot ${what}`), `info: can ${what} again`];
      assert.equal(lines.filter((line) => fails.test(line)).length, 2);
      assert.equal(lines.filter((line) => line === again).length, 2);
    });
  }

  it('is not said of what has succeeded without any', () => {
    const { announce, lines } = setup();
    announce.attempts('read the ledger').onSuccess();
    assert.deepEqual(lines, []);
  });

  it('because an object was deleted says to create it, not to grant a right', () => {
    const { announce, fields } = setup();
    const cause = new KubeStatusError(403, { reason: 'Forbidden' });
    const missing = new MissingObjectError('the ConfigMap kusk-gateway-ledger', { cause });
    announce.attempts('read the ledger').onTrouble(missing);
    const expected = {
      reason: 'the ConfigMap kusk-gateway-ledger is missing',
      todo: 'create it again: helm upgrade, or kubectl apply -k deploy',
    };
    assert.deepEqual(fields(), expected);
    announce.ledger('failing', missing);
    assert.deepEqual(fields(), expected);
  });

  it('with watches is one line when the first fails, and one when all are back', () => {
    const { announce, lines } = setup();
    announce.kind('API', 'watching');
    announce.kind('API', 'failing', new KubeStatusError(503));
    announce.kind('StaticRoute', 'failing', new KubeStatusError(503));
    announce.kind('API', 'failing', new KubeStatusError(503));
    announce.kind('API', 'watching');
    announce.kind('StaticRoute', 'watching');
    assert.deepEqual(lines, [
      'warn: cannot watch resources: trying again',
      'info: resources are watched again',
    ]);
  });
});

describe('a kind', () => {
  it('that is there from the start is not worth a line', () => {
    const { announce, lines } = setup();
    announce.kind('API', 'watching');
    assert.deepEqual(lines, []);
  });

  it('that is missing is said once, and that it is here', () => {
    const { announce, lines } = setup();
    for (const state of ['missing', 'missing', 'watching', 'watching', 'missing'] as const) {
      announce.kind('API', state);
    }
    assert.deepEqual(lines, [
      'info: its CRD is not installed: waiting for it',
      'info: its CRD is here',
      'info: its CRD is not installed: waiting for it',
    ]);
  });
});

describe('a change of leader', () => {
  it('is said once each', () => {
    const { announce, lines } = setup();
    for (const state of ['following', 'following', 'leading', 'lost', 'following'] as const) {
      announce.leader(state);
    }
    assert.equal(lines.length, 4);
  });
});

describe('the ledger', () => {
  it('that cannot be written is said with its reason, and that it can again', () => {
    const { announce, lines, fields } = setup();
    announce.ledger('failing', new KubeStatusError(403));
    announce.ledger('back');
    assert.equal(lines.length, 2);
    assert.equal(fields().reason, 'answered 403');
    assert.match(String(fields().todo), /rbac/);
  });

  for (const status of [413, 422]) {
    it(`that cannot be written for what the ConfigMap is says what to do: ${status}`, () => {
      const { announce, fields } = setup();
      announce.ledger('failing', new KubeStatusError(status));
      assert.match(String(fields().todo), /immutable or has no room left: delete it/);
    });
  }

  it('that is not ours says what to do', () => {
    const { announce, lines } = setup();
    announce.ledgerNewer('it is of version 2');
    announce.ledgerUnusable('it is not JSON');
    assert.match(lines[0] ?? '', /^error: .*Upgrade the operator/);
    assert.match(lines[1] ?? '', /^error: .*consent begins anew/);
  });
});

describe('the end of consent', () => {
  it('is said, whatever became of the last event', () => {
    const { announce, lines, fields } = setup();
    announce.optedOut('told', { messageId: 'm' });
    assert.deepEqual(fields(), { payload: { messageId: 'm' } });
    announce.optedOut('failed', 'connection refused');
    announce.optedOut('kept', 'there is no write key');
    announce.withdrawnElsewhere(false);
    announce.withdrawnElsewhere(true);
    announce.noWriteKey();
    announce.stopped();
    assert.deepEqual(
      lines.map((line) => line.split(':')[0]),
      ['info', 'warn', 'info', 'info', 'info', 'warn', 'info'],
    );
    // Of other replicas nothing is known.
    assert.ok(!lines.some((line) => /nothing more leaves/i.test(line)));
  });
});
