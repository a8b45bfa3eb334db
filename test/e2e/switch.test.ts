import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startApiProxy } from '../../lab/support/api-proxy.ts';
import {
  type ConfigSource,
  mountedFile,
  optionalFile,
  plainFile,
} from '../../lab/support/config-source.ts';
import { accept, type Endpoint, type Message, named, refuse } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { ledgerAccess, pendingIn } from '../../lab/support/ledger.ts';
import type { Operator, OperatorOptions } from '../../lab/support/operator.ts';
import type { Creation } from '../../lab/support/resources.ts';
import { KINDS, type Rounds, rounds } from '../../lab/support/rounds.ts';
import type { Site } from '../../lab/support/site.ts';

const ON = 'analytics:\n  enabled: true\n';
const OFF = 'analytics:\n  enabled: false\n';
/** A change of the file, which is read every 2 s, is noticed within this time on a busy machine too, in milliseconds. */
const NOTICED = { withinMs: 30_000 };
let lab: Lab;
let sites = 0;
let createSome: Rounds['createSome'];
let timesTold: Rounds['timesTold'];

before(async () => {
  lab = await startLab({ namespaces: ['users'] });
  ({ createSome, timesTold } = rounds(lab));
});
after(() => lab.close());

/** An installation that is switched by a file. */
async function setup(t: TestContext, source: ConfigSource = plainFile(ON)) {
  sites += 1;
  const site = await lab.site(`switch-${sites}`);
  t.after(async () => {
    await site[Symbol.asyncDispose]();
    source[Symbol.dispose]();
  });
  const start = (podName = 'operator', more: Partial<OperatorOptions> = {}) =>
    site.start({ podName, args: ['--config', source.path], ...more });
  return { site, source, start, ledger: ledgerAccess(lab.client, site.namespace) };
}

/**
 * Which creations were sent, each once, and which were not. Of those that other tests make in the
 * same cluster nothing is said.
 */
function assertTold(site: Site, told: readonly Creation[], untold: readonly Creation[] = []): void {
  assert.deepEqual(
    timesTold(site, told),
    told.map(() => 1),
  );
  assert.deepEqual(
    timesTold(site, untold),
    untold.map(() => 0),
  );
}

/** Every message that ever came, whether it was accepted or not. */
function optOuts({ arrivals }: Endpoint): readonly Message[] {
  return named(
    arrivals.flatMap(({ messages }) => messages),
    'analytics-disabled',
  );
}

async function toldOptOut(site: Site): Promise<void> {
  await eventually(() => assert.equal(optOuts(site.endpoint).length, 1), NOTICED);
}

async function says({ lines }: Operator, msg: RegExp, count = 1): Promise<void> {
  await eventually(() => assert.equal(lines.filter((line) => msg.test(line.msg)).length, count));
}

/** That it is the only one, comes alone, and can not be joined with anything that is known. */
function assertUnlinkable({ arrivals }: Endpoint): Message {
  const requests = arrivals.filter(({ body }) => body.includes('analytics-disabled'));
  assert.equal(requests.length, 1);
  const [{ body, messages } = assert.fail()] = requests;
  const [message = assert.fail(), ...others] = messages;
  assert.deepEqual(others, []);
  const { messageId, anonymousId, userId, event, properties } = message;
  assert.deepEqual(
    { event, properties },
    {
      event: 'kusk-gateway',
      properties: { event: 'analytics-disabled' },
    },
  );
  assert.match(anonymousId, /^[0-9a-f]{64}$/);
  assert.match(messageId, /^[0-9a-f]{64}$/);
  assert.equal(userId, anonymousId);
  assert.notEqual(messageId, anonymousId);
  assert.ok(!body.includes(lab.clusterId));
  const earlier = arrivals.filter((arrival) => !requests.includes(arrival));
  for (const id of [messageId, anonymousId]) {
    assert.ok(!earlier.some((arrival) => arrival.body.includes(id)), 'the id was seen before');
    for (const subject of ['', message.timestamp, message.timestamp.slice(0, 10)]) {
      const derived = createHmac('sha256', lab.clusterId);
      assert.notEqual(id, derived.update(`analytics-disabled/${subject}`).digest('hex'));
    }
  }
  return message;
}

/** Starts it anew, with telemetry off: it reports that, and nothing else. */
async function assertSaysOptOut(site: Site, start: () => Promise<Operator>): Promise<void> {
  const operator = await start();
  await toldOptOut(site);
  assert.equal(await operator.stop(), 0);
  assertUnlinkable(site.endpoint);
}

/** Starts it again with telemetry off, creates resources, and stops it: it must have sent nothing. */
async function assertStaysSilent(site: Site, start: () => Promise<Operator>): Promise<void> {
  const told = site.endpoint.arrivals.length;
  const operator = await start();
  await operator.ready();
  await says(operator, /^telemetry is off: nothing is sent$/);
  await createSome();
  assert.equal(await operator.stop(), 0);
  assert.equal(site.endpoint.arrivals.length, told);
  await says(operator, /sent/i);
}

describe('switched from on to off while it runs', { concurrency: 3 }, () => {
  it('reports it once, under random ids, and then sends nothing', async (t) => {
    const { site, source, start, ledger } = await setup(t);
    const operator = await start();
    const before = await begun(operator, site);

    source.write(OFF);
    await toldOptOut(site);
    await says(operator, /^telemetry is off: nothing is sent$/);
    await says(operator, /^telemetry was switched off: the opt-out event was sent/);
    await createSome();
    await operator.ready();
    assert.equal(await operator.stop(), 0);

    assertUnlinkable(site.endpoint);
    assert.ok(site.endpoint.arrivals.at(-1)?.body.includes('analytics-disabled'), 'it is the last');
    const { consent, pending } = (await ledger.content()) ?? {};
    assert.deepEqual({ consent, pending }, { consent: 'off', pending: {} });
    await assertStaysSilent(site, start);
    await assertStaysSilent(site, start);
    assertTold(site, before);
  });

  it('notices the symlink swap of a mounted ConfigMap, with two replicas and creations going on', async (t) => {
    const { site, source, start } = await setup(t, mountedFile(ON));
    const operators = [await start('one'), await start('two')] as const;
    for (const operator of operators) await operator.ready();
    const going = keepCreating();
    t.after(going.stop);
    await eventually(() => assert.ok(named(site.endpoint.accepted, 'api-created').length > 2));

    source.write(OFF);
    for (const operator of operators) await says(operator, /^telemetry is off: nothing is sent$/);
    await toldOptOut(site);
    const told = site.endpoint.arrivals.length;
    const creations = lab.users.created.length;
    await eventually(() => assert.ok(lab.users.created.length > creations + 20));
    await going.stop();
    for (const operator of operators) assert.equal(await operator.stop(), 0);

    assert.equal(site.endpoint.arrivals.length, told);
    assertUnlinkable(site.endpoint);
    const optedOut = operators
      .flatMap(({ lines }) => lines)
      .filter(({ msg }) => /the opt-out event was sent/.test(msg));
    assert.equal(optedOut.length, 1);
    await assertStaysSilent(site, start);
  });

  const untold = [
    {
      title: 'if reportOptOut was false',
      from: 'analytics: {enabled: true, reportOptOut: false}',
      to: 'analytics: {enabled: false, reportOptOut: false}',
    },
    {
      title: 'if reportOptOut is set to false with it',
      from: ON,
      to: 'analytics: {enabled: false, reportOptOut: false}',
    },
    {
      title: 'if what reportOptOut says can not be understood',
      from: ON,
      to: 'analytics: {enabled: false, reportOptOut: perhaps}',
    },
  ];
  for (const { title, from, to } of untold) {
    it(`sends nothing at all ${title}`, async (t) => {
      const { site, source, start, ledger } = await setup(t, plainFile(from));
      const operator = await start();
      const before = await begun(operator, site);
      source.write(to);
      await says(
        operator,
        /^telemetry was switched off: no opt-out event is sent\. This process sends nothing\.$/,
      );
      assert.equal((await ledger.content())?.consent, 'off');
      assert.equal(await operator.stop(), 0);
      assert.deepEqual(optOuts(site.endpoint), []);
      await assertStaysSilent(site, start);
      assertTold(site, before);
    });
  }

  it('tries to report it once, whatever the endpoint does', async (t) => {
    const { site, source, start } = await setup(t);
    const operator = await start();
    await begun(operator, site);
    site.endpoint.behave(refuse(503, { 'Retry-After': '1' }));
    source.write(OFF);
    await says(
      operator,
      /^telemetry was switched off: the opt-out event could not be sent and is not retried/,
    );
    site.endpoint.behave(accept);
    assert.equal(await operator.stop(), 0);
    await assertStaysSilent(site, start);
    assertUnlinkable(site.endpoint);
    assert.equal(named(site.endpoint.accepted, 'analytics-disabled').length, 0);
  });

  it('drops what was pending', async (t) => {
    const { site, source, start, ledger } = await setup(t);
    const operator = await start();
    const before = await begun(operator, site);
    const refused = refuse(500);
    site.endpoint.behave((arrival, ...answer) => {
      const last = arrival.body.includes('analytics-disabled');
      (last ? accept : refused)(arrival, ...answer);
    });
    const pending = await createSome();
    await eventually(async () => {
      const { 'api-created': apis = [] } = (await ledger.content())?.pending ?? {};
      assert.ok(apis.length > 0);
    });
    source.write(OFF);
    await says(operator, /^telemetry was switched off: the opt-out event was sent/);
    site.endpoint.behave(accept);
    assert.deepEqual((await ledger.content())?.pending, {});

    source.write(ON);
    await says(operator, /^telemetry is on$/, 2);
    await consentBegan(ledger);
    const after = await createSome();
    await site.arrived(after);
    assert.equal(await operator.stop(), 0);
    assertTold(site, [...before, ...after], pending);
  });

  for (const afterMs of [0, 1_500]) {
    it(`sends nothing more when it is stopped ${afterMs} ms after the file was switched off`, async (t) => {
      const { site, source, start, ledger } = await setup(t);
      const operator = await start();
      const before = await begun(operator, site);
      site.endpoint.behave(refuse(429, { 'Retry-After': '600' }));
      const accepted = site.endpoint.arrivals.length;
      const pending = await lab.users.createAll(lab.fresh(300));
      await eventually(async () => {
        assert.ok(pendingIn(await ledger.content()) >= 300);
        // After the first refusal it sends nothing until the Retry-After has passed.
        assert.ok(site.endpoint.arrivals.length > accepted);
      });
      site.endpoint.behave(accept);
      const arrived = site.endpoint.arrivals.length;
      source.write(OFF);
      await wait(afterMs);
      assert.equal(await operator.stop(), 0);
      // On a busy machine the file is noticed before the stop: the opt-out may then be sent.
      const more = site.endpoint.arrivals.slice(arrived);
      assert.deepEqual(
        more.filter(({ body }) => !body.includes('analytics-disabled')),
        [],
      );
      await assertSaysOptOut(site, start);
      assertTold(site, before, pending);
    });
  }

  it('goes silent without a word where the file can not be understood any more', async (t) => {
    const { site, source, start, ledger } = await setup(t);
    const operator = await start();
    const before = await begun(operator, site);
    source.write('analytics: {enabled: true');
    await says(operator, /^telemetry is off: nothing is sent$/);
    await says(operator, /kusk\.yaml is not YAML with a mapping at its top: telemetry is off/);
    await eventually(async () => assert.equal((await ledger.content())?.consent, 'off'));
    const meanwhile = await createSome();
    source.write(ON);
    await says(operator, /^telemetry is on$/, 2);
    await consentBegan(ledger);
    const after = await createSome();
    await site.arrived(after);
    assert.equal(await operator.stop(), 0);
    assertTold(site, [...before, ...after], meanwhile);
    // Nobody has decided anything, and whether reportOptOut is false could not be read.
    assert.deepEqual(optOuts(site.endpoint), []);
  });
});

describe('switched from on to off by a restart', { concurrency: 2 }, () => {
  it('reports it once, although two replicas start at the same time', async (t) => {
    const { site, start } = await setup(t);
    const operator = await start();
    const before = await begun(operator, site);
    assert.equal(await operator.stop(), 0);
    const env = { DO_NOT_TRACK: '1' };
    const startOff = (podName: string) => site.start({ podName, env });
    const replicas = await Promise.all([startOff('one'), startOff('two')]);
    for (const replica of replicas) await replica.ready();
    await toldOptOut(site);
    await createSome();
    for (const replica of replicas) assert.equal(await replica.stop(), 0);
    assertUnlinkable(site.endpoint);
    for (const { lines } of replicas) {
      assert.deepEqual(
        lines.filter(({ level }) => level !== 'info'),
        [],
      );
    }
    await assertStaysSilent(site, () => startOff('one'));
    assertTold(site, before);
  });
});

describe('switched from off to on', { concurrency: 3 }, () => {
  it('sends what is created from then on, and nothing of what was created meanwhile', async (t) => {
    const { site, source, start, ledger } = await setup(t);
    const operator = await start();
    const before = await begun(operator, site);
    source.write(OFF);
    await toldOptOut(site);
    const [gone, kept] = [await createSome(), await createSome()];
    for (const creation of gone) await lab.users.remove(creation);

    source.write(ON);
    await says(operator, /^telemetry is on$/, 2);
    await consentBegan(ledger);
    for (const creation of [...before, ...kept]) await lab.users.update(creation, 0);
    const recreated = await Promise.all(kept.map((creation) => lab.users.recreate(creation)));
    const after = await createSome();
    await site.arrived([...recreated, ...after]);
    assert.equal(await operator.stop(), 0);
    const again = await start();
    await again.ready();
    const last = await createSome();
    await site.arrived(last);
    assert.equal(await again.stop(), 0);

    assertTold(site, [...before, ...recreated, ...after, ...last], [...gone, ...kept]);
    assert.equal(named(site.endpoint.accepted, 'install').length, 1);
    assertUnlinkable(site.endpoint);
  });

  it('though the API server let nobody write that it was off', async (t) => {
    const { site, source, start, ledger } = await setup(t);
    const proxy = await startApiProxy(lab.cp);
    t.after(() => proxy[Symbol.asyncDispose]());
    const kubeconfig = await proxy.kubeconfig();
    const operator = await start('operator', { kubeconfig });
    const before = await begun(operator, site);
    const { since } = (await ledger.content()) ?? {};

    proxy.fail(({ url }) => (url.includes('/configmaps') ? { status: 403 } : undefined));
    source.write(OFF);
    await says(operator, /^telemetry is off: nothing is sent$/);
    const hidden = await createSome();
    await says(operator, /^cannot read the ledger: trying again$/);
    source.write(ON);
    await says(operator, /^telemetry is on$/, 2);
    proxy.mend();
    await eventually(async () => assert.notEqual((await ledger.content())?.since, since));
    await consentBegan(ledger);
    const after = await createSome();
    await site.arrived(after);
    assert.equal(await operator.stop(), 0);
    assertTold(site, [...before, ...after], hidden);
  });

  it('though a ledger from before the opt-out is restored afterwards', async (t) => {
    const { site, source, start, ledger } = await setup(t);
    const operator = await start();
    const before = await begun(operator, site);
    await eventually(async () => assert.deepEqual((await ledger.content())?.pending, {}));
    const backup = (await ledger.content()) ?? assert.fail();
    source.write(OFF);
    await toldOptOut(site);
    const hidden = await createSome();
    source.write(ON);
    await says(operator, /^telemetry is on$/, 2);
    await consentBegan(ledger);
    await ledger.put(JSON.stringify(backup));
    const after = await createSome();
    await site.arrived(after);
    assert.equal(await operator.stop(), 0);
    assertTold(site, [...before, ...after], hidden);
    assert.ok((await ledger.content())?.since > backup.since);
  });

  for (const withLedger of [true, false]) {
    it(`for the first time, ${withLedger ? 'with' : 'without'} the ledger that the chart makes`, async (t) => {
      const { site, source, start, ledger } = await setup(t, mountedFile(OFF));
      if (withLedger) await site.makeLedger();
      const operator = await start();
      await operator.ready();
      await says(operator, /^telemetry is off: nothing is sent$/);
      if (withLedger) {
        await eventually(async () => assert.equal((await ledger.content())?.consent, 'off'));
      }
      const meanwhile = await createSome();
      assert.equal(site.endpoint.arrivals.length, 0);

      source.write(ON);
      await says(operator, /^telemetry is on$/);
      await consentBegan(ledger);
      const after = await createSome();
      await site.arrived(after);
      await eventually(() => assert.equal(named(site.endpoint.accepted, 'heartbeat').length, 1));
      assert.equal(await operator.stop(), 0);

      assertTold(site, after, meanwhile);
      assert.equal(named(site.endpoint.accepted, 'install').length, 1);
      assert.deepEqual(optOuts(site.endpoint), []);
    });
  }
});

describe('the ConfigMap kusk-gateway-opt-out', { concurrency: 2 }, () => {
  /** An installation whose opt-out's volume is mounted, and empty. */
  async function optional(t: TestContext) {
    const rest = await setup(t);
    const optOut = optionalFile('enabled');
    t.after(() => optOut[Symbol.dispose]());
    const args = ['--config', rest.source.path, '--opt-out', optOut.path];
    const start = (podName = 'operator') => rest.start(podName, { args });
    return { ...rest, optOut, start };
  }

  it('switches off when it is created, and on again when it is deleted', async (t) => {
    const { site, optOut, start, ledger } = await optional(t);
    const operator = await start();
    const before = await begun(operator, site);
    assert.match(
      String(operator.lines[0]?.howToSwitchOff),
      new RegExp(
        `^kubectl create configmap kusk-gateway-opt-out --namespace ${site.namespace} --from-literal=enabled=false`,
      ),
    );

    optOut.write('false');
    await toldOptOut(site);
    await says(operator, /^telemetry was switched off: the opt-out event was sent/);
    const [{ decidedBy } = assert.fail()] = operator.lines.filter(({ msg }) =>
      /^telemetry is off:/.test(msg),
    );
    assert.equal(
      decidedBy,
      `enabled in ConfigMap kusk-gateway-opt-out (${optOut.path}) is "false"`,
    );
    const meanwhile = await createSome();
    assertUnlinkable(site.endpoint);
    await assertStaysSilent(site, () => start('another'));

    optOut.remove();
    await says(operator, /^telemetry is on$/, 2);
    await consentBegan(ledger);
    const after = await createSome();
    await site.arrived(after);
    assert.equal(await operator.stop(), 0);
    assertTold(site, [...before, ...after], meanwhile);
  });

  it('silences without a word if it can not be read', async (t) => {
    const { site, optOut, start, ledger } = await optional(t);
    const operator = await start();
    const before = await begun(operator, site);
    mkdirSync(optOut.path);
    await says(operator, /^telemetry is off: nothing is sent$/);
    await says(operator, /opt-out \(.*\) can't be read \(EISDIR\): telemetry is off/);
    await eventually(async () => assert.equal((await ledger.content())?.consent, 'off'));
    const meanwhile = await createSome();
    assert.equal(await operator.stop(), 0);
    assertTold(site, before, meanwhile);
    assert.deepEqual(optOuts(site.endpoint), []);
  });
});

/** Resolves once the operator sends what is created, with what it has sent. */
async function begun(operator: Operator, site: Site): Promise<readonly Creation[]> {
  await operator.ready();
  const creations = await createSome();
  await site.arrived(creations);
  await eventually(() => assert.equal(named(site.endpoint.accepted, 'install').length, 1));
  return creations;
}

/** Resolves once consent has begun anew: with the first list of each kind, as the ledger says. */
async function consentBegan({ content }: ReturnType<typeof ledgerAccess>): Promise<void> {
  await eventually(async () => {
    const { consent, kinds } = (await content()) ?? {};
    assert.equal(consent, 'on');
    for (const kind of KINDS) assert.equal(kinds[kind].baseline, false);
  });
}

/** Creates one resource after the other. */
function keepCreating() {
  const end = new AbortController();
  const going = (async () => {
    while (!end.signal.aborted) await createSome();
  })();
  return {
    async stop() {
      end.abort();
      await going;
    },
  };
}
