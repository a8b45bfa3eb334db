import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { readClusterTelemetry } from '../../../src/cli/install/cluster-telemetry.ts';
import {
  elsewhereReader,
  elsewhereView,
  findElsewhere,
  refuseElsewhere,
} from '../../../src/cli/install/elsewhere.ts';
import type { KubeObject } from '../../../src/cli/install/kube-object.ts';
import { fakeApi, statusError } from './fake-api.ts';
import { installed, NAMESPACE } from './fixtures.ts';

const LIST =
  '/apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fcomponent%3Dkusk-gateway-manager';

function operatorIn(namespace: string): KubeObject {
  const operator = installed().find(({ kind }) => kind === 'Deployment');
  assert.ok(operator);
  return { ...operator, metadata: { ...operator.metadata, namespace } };
}

/** Has the label, and is no operator. */
function gatewayIn(namespace: string): KubeObject {
  const spec = {
    template: { spec: { containers: [{ name: 'manager', image: 'kusk-gateway:1' }] } },
  };
  return { ...operatorIn(namespace), spec };
}

function dashboardReader() {
  const clock = fakeTime();
  const found: { items: readonly KubeObject[] } = { items: [operatorIn('a')] };
  const { api, calls } = fakeApi({ answers: () => found });
  const read = elsewhereReader(clock.time);
  return { clock, found, calls, readElsewhere: () => read(api) };
}

describe('an operator in another namespace', () => {
  it('is found by one request', async () => {
    const items = [operatorIn('a'), gatewayIn('b'), operatorIn('c'), operatorIn('a')];
    const { api, calls } = fakeApi({ answers: (path) => (path === LIST ? { items } : {}) });
    assert.deepEqual(await findElsewhere(api), ['a', 'c']);
    assert.deepEqual(calls, [`get ${LIST}`]);
  });

  it('can be hidden from the account', async () => {
    const { api } = fakeApi({ errors: { [`get ${LIST}`]: statusError(403) } });
    assert.equal(await findElsewhere(api), 'forbidden');
    const { api: broken } = fakeApi({ errors: { [`get ${LIST}`]: statusError(500) } });
    await assert.rejects(findElsewhere(broken), statusError(500));
  });

  it('is looked for only if none is in this namespace', async () => {
    const { api, calls } = fakeApi({ objects: installed() });
    assert.deepEqual((await readClusterTelemetry(api, NAMESPACE)).elsewhere, []);
    assert.equal(calls.includes(`get ${LIST}`), false);
    const { api: empty } = fakeApi({ answers: () => ({ items: [operatorIn('a')] }) });
    assert.deepEqual((await readClusterTelemetry(empty, NAMESPACE)).elsewhere, ['a']);
  });

  it('is looked for twice a minute by the dashboard', async () => {
    const { clock, readElsewhere, calls, found } = dashboardReader();
    assert.deepEqual(await readElsewhere(), ['a']);
    found.items = [];
    await clock.pause(29_000);
    assert.deepEqual(await readElsewhere(), ['a']);
    assert.equal(calls.length, 1);
    await clock.pause(1_000);
    assert.deepEqual(await readElsewhere(), []);
  });

  it('has a command that shows it', () => {
    const view = (elsewhere: readonly string[] | 'forbidden') =>
      elsewhereView(elsewhere, { context: 'prod' });
    assert.equal(view([]), undefined);
    assert.deepEqual(view(['a', 'b']), {
      text: 'operators run in namespaces a, b',
      commands: [
        {
          title: 'Shows the operator of namespace a.',
          command: 'kusk dashboard --context prod -n a',
        },
        {
          title: 'Shows the operator of namespace b.',
          command: 'kusk dashboard --context prod -n b',
        },
      ],
    });
    assert.deepEqual(view('forbidden'), {
      text: 'you may not list Deployments in all namespaces',
      commands: [
        {
          title: 'Shows the operator of another namespace, if there is one.',
          command: 'kusk dashboard --context prod -n NAMESPACE',
        },
      ],
    });
  });

  const command = 'kusk analytics disable --cluster';
  const refuse = (elsewhere: readonly string[] | 'forbidden') =>
    refuseElsewhere(elsewhere, { command, flags: { context: 'prod' } });

  it('makes a command fail, with the command for that namespace', () => {
    assert.throws(() => refuse(['kusk-telemetry']), {
      message: 'an operator runs in namespace kusk-telemetry',
      advice: `${command} --context prod -n kusk-telemetry`,
      exitCode: 1,
    });
    assert.throws(() => refuse(['a', 'b']), {
      message: 'operators run in namespaces a, b',
      advice: `${command} --context prod -n a\n${command} --context prod -n b`,
      exitCode: 1,
    });
  });

  it('may be there for all that the account can read, which is a missing right', () => {
    assert.throws(() => refuse('forbidden'), {
      message: 'you may not list Deployments in all namespaces',
      advice: `If an operator runs in another one: ${command} --context prod -n NAMESPACE`,
      exitCode: 3,
    });
    assert.doesNotThrow(() => refuse([]));
  });
});
