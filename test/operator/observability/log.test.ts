import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeStatusError, MissingObjectError } from '../../../src/cluster/errors.ts';
import {
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../../../src/deliver/delivery-error.ts';
import { type OperatorLog, operatorLog } from '../../../src/operator/observability/log.ts';

/** Every line as `level: message`, and the fields of the last one. */
function setup({ optOutPaths = ['/etc/kusk-gateway-opt-out/enabled'] } = {}) {
  const lines: string[] = [];
  let fields: Readonly<Record<string, unknown>> = {};
  const write = (level: string) => (first: unknown, second?: string) => {
    lines.push(`${level}: ${second ?? String(first)}`);
    if (typeof first === 'object') fields = { ...first };
  };
  const logger = { info: write('info'), warn: write('warn'), error: write('error') };
  const log: OperatorLog = operatorLog(logger as Parameters<typeof operatorLog>[0], {
    namespace: 'gateways',
    optOutPaths,
  });
  return { log, lines, fields: () => fields };
}

describe('the first lines', () => {
  it('say that telemetry is on, who decided it and how to change it', () => {
    const { log, lines, fields } = setup();
    log.consent({ on: true, decidedBy: 'default', problems: [] });
    assert.deepEqual(lines, ['info: telemetry is on']);
    assert.equal(fields().decidedBy, 'default');
    assert.match(String(fields().howToSwitchOff), /analytics\.enabled=false/);
  });

  it('name the ConfigMap that survives upgrades first, if it is read', () => {
    const { log, fields } = setup();
    log.consent({ on: true, decidedBy: 'default', problems: [] });
    assert.match(
      String(fields().howToSwitchOff),
      /^kubectl create configmap kusk-gateway-opt-out --namespace gateways --from-literal=enabled=false, or /,
    );
  });

  it('do not name a ConfigMap that is not read', () => {
    const { log, fields } = setup({ optOutPaths: [] });
    log.consent({ on: true, decidedBy: 'default', problems: [] });
    assert.doesNotMatch(String(fields().howToSwitchOff), /opt-out/);
  });

  it('say that telemetry is off, and each invalid value', () => {
    const { log, lines, fields } = setup();
    log.consent({ on: false, decidedBy: 'X', problems: ['a is 7', 'b is 8'] });
    assert.deepEqual(lines, [
      'error: a is 7',
      'error: b is 8',
      'info: telemetry is off: nothing is sent',
    ]);
    assert.match(String(fields().howToSwitchOn), /decidedBy/);
  });

  it('name the cluster’s id and the endpoint, without secrets in its URL', () => {
    const { log, fields } = setup();
    log.cluster('abc', new URL('https://me:secret@segment.example/v1?key=secret'));
    assert.deepEqual(fields(), { clusterId: 'abc', to: 'https://segment.example/v1' });
  });
});

describe('the endpoint', () => {
  it('is unavailable: a warning with a reason', () => {
    const { log, lines, fields } = setup();
    log.endpoint('unavailable', new TemporaryDeliveryError('connection refused'));
    log.endpoint('available');
    assert.deepEqual(lines, [
      'warn: the endpoint is unavailable: events are kept and sent later',
      'info: the endpoint is available again: pending events are sent',
    ]);
    assert.deepEqual(fields(), { reason: 'connection refused' });
  });

  it('refuses events: an error that says what to check', () => {
    const { log, lines } = setup();
    log.endpoint('unavailable', new PermanentDeliveryError('answered 401', { status: 401 }));
    assert.match(lines[0] ?? '', /^error: .*Check analytics\.writeKey and analytics\.endpoint/);
  });
});

describe('a refused event', () => {
  it('is an error with its messageId and the reason', () => {
    const { log, lines, fields } = setup();
    log.refused('abc', new PermanentDeliveryError('answered 400', { status: 400 }));
    assert.deepEqual(lines, [
      'error: the endpoint refuses this event: it is kept and retried at intervals of up to an hour. Other events are sent.',
    ]);
    assert.deepEqual(fields(), { messageId: 'abc', reason: 'answered 400' });
  });
});

describe('trouble with the API server', () => {
  it('is logged once while the reason stays the same', () => {
    const { log, lines, fields } = setup();
    const { onTrouble } = log.attempts('read the ledger');
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
    it(`is logged again when it comes a second time: cannot ${what}`, () => {
      const { log, lines } = setup();
      for (let outage = 0; outage < 2; outage += 1) {
        log.attempts(what).onTrouble(new KubeStatusError(500));
        log.leader('leading');
        log.attempts(what).onSuccess();
        log.attempts(what).onSuccess();
      }
      const [fails, again] = [new RegExp(`^warn: cannot ${what}`), `info: can ${what} again`];
      assert.equal(lines.filter((line) => fails.test(line)).length, 2);
      assert.equal(lines.filter((line) => line === again).length, 2);
    });
  }

  it('is not logged for an attempt that succeeds the first time', () => {
    const { log, lines } = setup();
    log.attempts('read the ledger').onSuccess();
    assert.deepEqual(lines, []);
  });

  it('after an object was deleted says to create it, not to grant a right', () => {
    const { log, fields } = setup();
    const cause = new KubeStatusError(403, { reason: 'Forbidden' });
    const missing = new MissingObjectError('the ConfigMap kusk-gateway-ledger', { cause });
    log.attempts('read the ledger').onTrouble(missing);
    const expected = {
      reason: 'the ConfigMap kusk-gateway-ledger is missing',
      todo: 'create it again: helm upgrade, or kubectl apply -k deploy',
    };
    assert.deepEqual(fields(), expected);
    log.ledger('failing', missing);
    assert.deepEqual(fields(), expected);
  });

  const denials = [
    {
      message: 'admission webhook "team.example.com" denied the request: no',
      status: 403,
      todo: /^an admission policy or webhook .* denies it/,
    },
    {
      message: "x is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
      status: 422,
      todo: /^an admission policy or webhook .* denies it/,
    },
    {
      message: 'Internal error occurred: failed calling webhook "w": connection refused',
      status: 500,
      todo: /^an admission webhook .* fails/,
    },
    {
      message: 'conversion webhook for gateway.kusk.io/v1, Kind=API failed: connection refused',
      status: 500,
      todo: /conversion webhook fails/,
    },
    {
      message: 'configmaps "x" is forbidden: exceeded quota: q, requested: count/configmaps=1',
      status: 403,
      todo: /^a quota of the namespace/,
    },
    {
      message:
        'x is forbidden: unable to create new content in namespace n because it is being terminated',
      status: 403,
      todo: /^the namespace is being deleted$/,
    },
  ];
  for (const { message, status, todo } of denials) {
    it(`names the cause that can be repaired, and nothing of the text: ${message}`, () => {
      const { log, fields } = setup();
      const error = new KubeStatusError(status, { explanation: { message, causes: [] } });
      const missing = new MissingObjectError('the Lease', { cause: error });
      for (const trouble of [error, missing]) {
        log.attempts('read or write the lease').onTrouble(trouble);
        assert.match(String(fields().todo), todo);
        log.ledger('failing', trouble);
        assert.match(String(fields().todo), todo);
        assert.doesNotMatch(JSON.stringify(fields()), /example\.com|'p'|"q"|"w"/);
      }
    });
  }

  it('because of the credentials says what to do if the account was created again', () => {
    const { log, fields } = setup();
    log.attempts('read or write the lease').onTrouble(new KubeStatusError(401));
    assert.match(String(fields().todo), /ServiceAccount was created again, delete the pod/);
  });

  it('is logged again when the cause changes although the status does not', () => {
    const { log, lines, fields } = setup();
    const { onTrouble } = log.attempts('read the ledger');
    const message = 'configmaps "x" is forbidden: exceeded quota: q';
    onTrouble(new KubeStatusError(403, { explanation: { message, causes: [] } }));
    onTrouble(new KubeStatusError(403));
    assert.equal(lines.length, 2);
    assert.match(String(fields().todo), /rbac/);
  });

  it('with watches is one line when the first fails, and one when all work again', () => {
    const { log, lines } = setup();
    log.kind('API', 'watching');
    log.kind('API', 'failing', new KubeStatusError(503));
    log.kind('StaticRoute', 'failing', new KubeStatusError(503));
    log.kind('API', 'failing', new KubeStatusError(503));
    log.kind('API', 'watching');
    log.kind('StaticRoute', 'watching');
    assert.deepEqual(lines, [
      'warn: cannot watch resources: trying again',
      'info: resources are watched again',
    ]);
  });
});

describe('an outage of the watches', () => {
  it('has one more line for each advice that comes later, and none for other reasons', () => {
    const { log, lines, fields } = setup();
    log.kind('API', 'failing', new KubeStatusError(503));
    log.kind('StaticRoute', 'failing', new KubeStatusError(500));
    log.kind('StaticRoute', 'failing', new KubeStatusError(403));
    assert.equal(fields().kind, 'StaticRoute');
    assert.match(String(fields().todo), /rbac/);
    log.kind('API', 'failing', new KubeStatusError(403));
    log.kind('API', 'failing', new KubeStatusError(503));
    log.kind('API', 'watching');
    log.kind('StaticRoute', 'failing', new KubeStatusError(403));
    log.kind('StaticRoute', 'watching');
    const trouble = 'warn: cannot watch resources: trying again';
    assert.deepEqual(lines, [trouble, trouble, 'info: resources are watched again']);
  });
});

describe('a kind', () => {
  it('that exists from the start is not logged', () => {
    const { log, lines } = setup();
    log.kind('API', 'watching');
    assert.deepEqual(lines, []);
  });

  it('that is missing is logged once, and once when it exists', () => {
    const { log, lines } = setup();
    for (const state of ['missing', 'missing', 'watching', 'watching', 'missing'] as const) {
      log.kind('API', state);
    }
    assert.deepEqual(lines, [
      'info: the CRD is not installed: waiting for it',
      'info: the CRD is installed',
      'info: the CRD is not installed: waiting for it',
    ]);
  });
});

describe('a change of leader', () => {
  it('is logged once each', () => {
    const { log, lines } = setup();
    for (const state of ['following', 'following', 'leading', 'lost', 'following'] as const) {
      log.leader(state);
    }
    assert.equal(lines.length, 4);
  });
});

describe('the ledger', () => {
  it('that cannot be written is logged with its reason, and again when it can be written', () => {
    const { log, lines, fields } = setup();
    log.ledger('failing', new KubeStatusError(403));
    log.ledger('back');
    assert.equal(lines.length, 2);
    assert.equal(fields().reason, 'answered 403');
    assert.match(String(fields().todo), /rbac/);
  });

  for (const status of [413, 422]) {
    it(`that cannot be written because of its ConfigMap says what to do: ${status}`, () => {
      const { log, fields } = setup();
      log.ledger('failing', new KubeStatusError(status));
      assert.match(String(fields().todo), /immutable or has no room left: delete it/);
    });
  }

  it('that cannot be used says what to do', () => {
    const { log, lines } = setup();
    log.ledgerNewer('it is of version 2');
    log.ledgerUnusable('it is not JSON');
    assert.match(lines[0] ?? '', /^error: .*Upgrade the operator/);
    assert.match(lines[1] ?? '', /^error: .*counting starts again/);
  });
});

describe('the end of consent', () => {
  it('is logged, whether or not the opt-out event was sent', () => {
    const { log, lines, fields } = setup();
    log.optedOut('sent', { messageId: 'm' });
    assert.deepEqual(fields(), { payload: { messageId: 'm' } });
    log.optedOut('failed', 'connection refused');
    log.optedOut('withheld', 'there is no write key');
    log.withdrawnElsewhere(false);
    log.withdrawnElsewhere(true);
    log.noWriteKey();
    log.stopped();
    assert.deepEqual(
      lines.map((line) => line.split(':')[0]),
      ['info', 'warn', 'info', 'info', 'info', 'warn', 'info'],
    );
    // A line must not promise anything about other replicas.
    assert.ok(!lines.some((line) => /nothing more leaves/i.test(line)));
  });
});
