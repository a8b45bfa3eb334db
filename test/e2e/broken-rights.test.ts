import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type Part, partialAccount } from '../../lab/support/account.ts';
import { type ApiProxy, startApiProxy } from '../../lab/support/api-proxy.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import type { Operator } from '../../lab/support/operator.ts';
import { type Rounds, rounds } from '../../lab/support/rounds.ts';
import { siteIn } from '../../lab/support/site.ts';

let lab: Lab;
let sites = 0;
let createSome: Rounds['createSome'];
let timesTold: Rounds['timesTold'];

before(async () => {
  // The controller manager makes a quota known to the API server.
  lab = await startLab({
    namespaces: ['users'],
    controlPlane: { controllers: true },
  });
  ({ createSome, timesTold } = rounds(lab));
});
after(() => lab.close());

/** An installation whose account lacks some of its rights, and a proxy that sees what it is refused. */
async function setup(t: TestContext, without: readonly Part[] = []) {
  sites += 1;
  const { client, clusterId, cp } = lab;
  const account = await partialAccount(client, { namespace: `partial-${sites}`, without });
  const proxy = await startApiProxy(cp, { account });
  const kubeconfig = await proxy.kubeconfig();
  const site = await siteIn(account.namespace, { client, clusterId, kubeconfig });
  t.after(async () => {
    await site[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  return { account, proxy, site };
}

/** Resolves once it was refused so many times more, in vain. */
async function refused({ exchanges }: ApiProxy, times: number): Promise<void> {
  const count = () => exchanges.filter(({ status }) => status === 403).length;
  const before = count();
  await eventually(() => assert.ok(count() >= before + times));
}

const troubleIn = ({ lines }: Operator) => lines.filter(({ level }) => level !== 'info');

function assertOneLine(operator: Operator, msg: RegExp): void {
  const [line, ...others] = troubleIn(operator);
  assert.deepEqual(others, []);
  assert.match(line?.msg ?? '', msg);
  assert.equal(line?.reason, 'answered 403 Forbidden');
  assert.match(String(line?.todo), /deploy\/rbac\.yaml/);
}

async function isAlive({ healthUrl }: Operator): Promise<boolean> {
  return (await fetch(`${healthUrl}/healthz`)).status === 200;
}

describe('an operator without one of its rights', { concurrency: 2 }, () => {
  const cases = [
    { part: 'ledger', line: /^cannot read the ledger: trying again$/, told: [] },
    { part: 'lease', line: /^cannot read or write the lease: trying again$/, told: [] },
    { part: 'kube-system', line: /^cannot read the namespace kube-system, without/, told: [] },
    {
      part: 'kinds',
      line: /^cannot watch resources: trying again$/,
      told: ['heartbeat', 'install'],
    },
  ] as const;
  for (const { part, line, told } of cases) {
    it(`says so once, sends nothing false, and goes on once it has it: ${part}`, async (t) => {
      const { account, proxy, site } = await setup(t, [part]);
      const operator = await site.start();
      // Two times for each of the three kinds.
      await refused(proxy, 6);
      await eventually(() => assertOneLine(operator, line));
      assert.ok(await isAlive(operator));
      assert.equal((await fetch(`${operator.healthUrl}/readyz`)).status, 503);
      const meanwhile = await createSome();
      await eventually(() => {
        const names = site.endpoint.accepted.map(({ properties }) => properties.event);
        assert.deepEqual(names.sort(), told);
      });

      await account.give(part);
      await operator.ready();
      const fresh = await createSome();
      await site.arrived(fresh);
      assert.equal(await operator.stop(), 0);
      assertOneLine(operator, line);
      // Without the right to make a ledger there is no consent yet that had begun.
      const expected = part === 'ledger' ? 0 : 1;
      assert.deepEqual(
        timesTold(site, meanwhile),
        meanwhile.map(() => expected),
      );
      assert.deepEqual(
        timesTold(site, fresh),
        fresh.map(() => 1),
      );
    });
  }
});

describe('an operator in a cluster that denies what it has the right to write', {
  concurrency: 2,
}, () => {
  const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
  const cases = [
    {
      by: 'a quota of the namespace',
      todo: /^a quota of the namespace leaves no room/,
      denials: (namespace: string) => [
        {
          path: `/api/v1/namespaces/${namespace}/resourcequotas`,
          spec: { hard: { 'count/configmaps': '1' } },
        },
      ],
    },
    {
      by: 'an admission policy',
      todo: /^an admission policy or webhook of the cluster denies it/,
      denials: (namespace: string) => [
        {
          path: `${ADMISSION}/validatingadmissionpolicies`,
          spec: {
            matchConstraints: {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
              resourceRules: [
                {
                  apiGroups: [''],
                  apiVersions: ['v1'],
                  operations: ['CREATE'],
                  resources: ['configmaps'],
                },
              ],
            },
            validations: [{ expression: 'false', message: 'zq' }],
          },
        },
        {
          path: `${ADMISSION}/validatingadmissionpolicybindings`,
          spec: { policyName: namespace, validationActions: ['Deny'] },
        },
      ],
    },
  ];
  for (const { by, todo, denials } of cases) {
    it(`names the cause, and continues without it: ${by}`, async (t) => {
      const { account, site } = await setup(t);
      const { namespace: name } = account;
      const objects = denials(name);
      for (const { path, spec } of objects) {
        await lab.client.must('POST', path, { metadata: { name }, spec });
      }
      const trial = `/api/v1/namespaces/${name}/configmaps?dryRun=All`;
      await eventually(async () => {
        const body = { metadata: { name: 'trial' } };
        const { status, object } = await lab.client.send('POST', trial, body);
        assert.ok(status === 403 || status === 422, String(status));
        // A quota whose use is not computed yet also denies, with another message.
        assert.match(JSON.stringify(object), /exceeded quota|denied request/);
      });
      const operator = await site.start();
      await eventually(() => assert.equal(troubleIn(operator).length, 1));
      assert.equal(troubleIn(operator)[0]?.msg, 'cannot read the ledger: trying again');
      assert.match(String(troubleIn(operator)[0]?.todo), todo);
      assert.ok(!operator.output().includes('zq'));

      for (const { path } of objects.toReversed()) {
        await lab.client.must('DELETE', `${path}/${name}`);
      }
      await operator.ready();
      const fresh = await createSome();
      await site.arrived(fresh);
      assert.equal(await operator.stop(), 0);
      assert.equal(troubleIn(operator).length, 1);
      assert.deepEqual(timesTold(site, fresh), [1, 1, 1]);
    });
  }
});

describe('an operator from which a right is taken', { concurrency: 2 }, () => {
  it('sends nothing while it may not read the ledger, and loses nothing', async (t) => {
    const { account, proxy, site } = await setup(t);
    const operator = await site.start();
    await operator.ready();
    await account.take('ledger');
    await eventually(async () => {
      await createSome();
      assert.equal(troubleIn(operator).length, 2);
    });
    const before = site.endpoint.accepted.length;
    const meanwhile = await createSome();
    await refused(proxy, 2);
    assert.equal(site.endpoint.accepted.length, before);
    await account.give('ledger');
    await site.arrived(meanwhile);
    await eventually(() => {
      for (const msg of ['can read the ledger again', 'the ledger can be written again']) {
        assert.ok(operator.lines.some((line) => line.msg === msg));
      }
    });
    assert.equal(await operator.stop(), 0);
    const troubles = troubleIn(operator).map(({ msg, reason }) => `${msg} (${reason})`);
    assert.deepEqual(troubles.sort(), [
      'cannot read the ledger: trying again (answered 403 Forbidden)',
      'the ledger cannot be written: it is kept in memory (answered 403 Forbidden)',
    ]);

    const again = await site.start();
    await again.ready();
    const last = await createSome();
    await site.arrived(last);
    assert.equal(await again.stop(), 0);
    assert.deepEqual(timesTold(site, [...meanwhile, ...last]), [1, 1, 1, 1, 1, 1]);
  });

  it('watches again once it may', async (t) => {
    const { account, proxy, site } = await setup(t);
    const operator = await site.start();
    await operator.ready();
    await account.take('kinds');
    await eventually(async () => {
      for (const watch of proxy.watches()) watch.cut();
      assert.ok(troubleIn(operator).some(({ reason }) => reason === 'answered 403 Forbidden'));
    });
    await refused(proxy, 3);
    const meanwhile = await createSome();
    await account.give('kinds');
    await site.arrived(meanwhile);
    await eventually(() => {
      assert.ok(operator.lines.some(({ msg }) => msg === 'resources are watched again'));
    });
    assert.equal(await operator.stop(), 0);
    const reasons = troubleIn(operator).map(({ reason }) => reason);
    assert.equal(reasons.filter((reason) => reason === 'answered 403 Forbidden').length, 1);
    // A connection that was cut within its first seconds is a failure too.
    assert.ok(reasons.length <= 2, String(reasons));
    assert.deepEqual(timesTold(site, meanwhile), [1, 1, 1]);
  });
});

describe('an operator whose object was deleted, and that may not create it', {
  concurrency: 2,
}, () => {
  const cases = [
    {
      part: 'new-ledger',
      plural: '/api/v1/namespaces/NAMESPACE/configmaps',
      name: 'kusk-gateway-ledger',
      missing: 'the ConfigMap kusk-gateway-ledger is missing',
      attempt: 'read the ledger',
    },
    {
      part: 'new-lease',
      plural: '/apis/coordination.k8s.io/v1/namespaces/NAMESPACE/leases',
      name: 'kusk-gateway-manager',
      missing: 'the Lease kusk-gateway-manager is missing',
      attempt: 'read or write the lease',
    },
  ] as const;
  for (const { part, plural, name, missing, attempt } of cases) {
    it(`says what to create, and goes on with it: ${name}`, async (t) => {
      const { account, proxy, site } = await setup(t, [part]);
      const operator = await site.start();
      await refused(proxy, 2);
      await eventually(() => assert.equal(troubleIn(operator).length, 1));
      const path = plural.replace('NAMESPACE', account.namespace);
      await lab.client.must('POST', path, { metadata: { name } });
      await operator.ready();
      const fresh = await createSome();
      await site.arrived(fresh);
      assert.equal(await operator.stop(), 0);
      const [line, ...others] = troubleIn(operator);
      assert.deepEqual(others, []);
      assert.equal(line?.msg, `cannot ${attempt}: trying again`);
      assert.equal(line?.reason, missing);
      assert.match(String(line?.todo), /^create it again: helm upgrade, or kubectl apply/);
      assert.ok(operator.lines.some(({ msg }) => msg === `can ${attempt} again`));
      assert.deepEqual(timesTold(site, fresh), [1, 1, 1]);
    });
  }
});
