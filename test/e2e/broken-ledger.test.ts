import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { named } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { type LedgerAccess, type LedgerContent, ledgerAccess } from '../../lab/support/ledger.ts';
import type { Operator } from '../../lab/support/operator.ts';
import type { Creation } from '../../lab/support/resources.ts';
import { KINDS, type Rounds, rounds } from '../../lab/support/rounds.ts';
import type { Site } from '../../lab/support/site.ts';

const UNUSABLE = /^the ledger is invalid: counting starts again/;
let lab: Lab;
let sites = 0;
let createSome: Rounds['createSome'];
let timesTold: Rounds['timesTold'];
/** What a good ledger holds, and what existed by then. */
let sample: { readonly content: LedgerContent; readonly existing: readonly Creation[] };

before(async () => {
  lab = await startLab({ namespaces: ['users'] });
  ({ createSome, timesTold } = rounds(lab));
  await using site = await lab.site('sample');
  const operator = await site.start();
  await operator.ready();
  const existing = await createSome();
  await site.arrived(existing);
  await operator.stop();
  const content = await ledgerAccess(lab.client, site.namespace).content();
  sample = { content: content ?? assert.fail(), existing };
});
after(() => lab.close());

/** An installation that has sent some creations and was stopped: its ledger can be broken. */
async function setup(t: TestContext) {
  sites += 1;
  const site = await lab.site(`broken-${sites}`);
  t.after(() => site[Symbol.asyncDispose]());
  const ledger = ledgerAccess(lab.client, site.namespace);
  const operator = await site.start();
  await operator.ready();
  const told = await createSome();
  await site.arrived(told);
  return { site, ledger, operator, told };
}

const never = [0, 0, 0];
const once = [1, 1, 1];

function linesOf({ lines }: Operator, msg: RegExp) {
  return lines.filter((line) => msg.test(line.msg));
}

function assertNoTrouble({ lines }: Operator): void {
  assert.deepEqual(
    lines.filter(({ level }) => level !== 'info'),
    [],
  );
}

async function consentBegan({ content }: LedgerAccess): Promise<void> {
  await eventually(async () => {
    const { consent, kinds } = (await content()) ?? {};
    assert.equal(consent, 'on');
    for (const kind of KINDS) assert.equal(kinds[kind].baseline, false);
  });
}

/** Every message comes under one id, however often. */
function assertOneInstall({ endpoint }: Site): void {
  for (const name of ['install', 'heartbeat']) {
    const ids = named(endpoint.accepted, name).map(({ messageId }) => messageId);
    assert.equal(new Set(ids).size, 1, name);
  }
}

/** The values of one ConfigMap, together. */
const MAX_CONFIGMAP_BYTES = 1_048_576;

/** Leaves no byte for the ledger to grow, once all that was sent is written there. */
async function fillUp({ map, content, patch }: LedgerAccess): Promise<void> {
  await eventually(async () => {
    assert.deepEqual((await content())?.pending, {});
    const values = Object.values((await map())?.data ?? {});
    const used = values.reduce((sum, value) => sum + Buffer.byteLength(value), 0);
    // Refused if the ledger has grown meanwhile.
    await patch({ data: { junk: 'x'.repeat(MAX_CONFIGMAP_BYTES - used) } });
  });
}

type Breaking = (ledger: LedgerAccess, content: LedgerContent) => Promise<void>;

/** Changes the content in place and writes it. */
function edit(change: (content: LedgerContent) => void): Breaking {
  return async (ledger, content) => {
    change(content);
    await ledger.put(JSON.stringify(content));
  };
}

describe('a ledger that can not be read', { concurrency: 3 }, () => {
  const cases: readonly (readonly [string, RegExp, Breaking])[] = [
    [
      'it is cut off',
      /^it is not JSON$/,
      async ({ put }, content) => put(JSON.stringify(content).slice(0, 99)),
    ],
    ['it is JSON of another shape', /^the ledger is not a mapping$/, ({ put }) => put('[1, 2]')],
    ['it holds nothing', /^version is not a whole number$/, ({ put }) => put('{}')],
    [
      'a part is gone',
      /^heartbeat is not a mapping$/,
      edit((content) => {
        delete content.heartbeat;
      }),
    ],
    [
      'it says neither on nor off',
      /^consent is not one of on, off$/,
      edit((content) => {
        content.consent = 'perhaps';
      }),
    ],
    [
      'a number is absurd',
      /^kinds\.API\.watermark is not a whole number$/,
      edit(({ kinds }) => {
        kinds.API.watermark = 1e300;
      }),
    ],
    [
      'something pending is of the year 100,000',
      /^a packed UID is malformed$/,
      edit(({ pending }) => {
        pending['api-created'] = [`AAAAAAAAAAAAAAAAAAAAAA:${(3e12).toString(36)}`];
      }),
    ],
    [
      'more is pending than can be',
      /^pending\.api-created has 20000 items$/,
      edit(({ pending }) => {
        pending['api-created'] = Array.from({ length: 20_000 }, (_, n) => `uid-${n}:t00000`);
      }),
    ],
    [
      'it is as large as a ConfigMap can be',
      /^heartbeat is not a mapping$/,
      ({ put }) => put(JSON.stringify({ version: 1, filling: 'x'.repeat(1_000_000) })),
    ],
    ['its text is empty', /^it was emptied$/, ({ put }) => put('')],
    ['the ConfigMap was emptied', /^it was emptied$/, ({ patch }) => patch({ data: null })],
  ];
  for (const [title, problem, breaking] of cases) {
    it(`begins again, and what exists is not sent: ${title}`, async (t) => {
      sites += 1;
      const site = await lab.site(`broken-${sites}`);
      t.after(() => site[Symbol.asyncDispose]());
      const ledger = ledgerAccess(lab.client, site.namespace);
      await ledger.put(JSON.stringify(sample.content));
      // By this mark it is known that it was written once.
      await ledger.patch({ metadata: { annotations: { 'telemetry.kusk.io/written': 'true' } } });
      await breaking(ledger, structuredClone(sample.content));

      const operator = await site.start();
      await operator.ready();
      await consentBegan(ledger);
      const fresh = await createSome();
      await site.arrived(fresh);
      assert.equal(await operator.stop(), 0);
      const [line, ...others] = operator.lines.filter(({ level }) => level !== 'info');
      assert.deepEqual(others, []);
      assert.match(line?.msg ?? '', UNUSABLE);
      assert.match(String(line?.problem), problem);
      assert.deepEqual(timesTold(site, [...sample.existing, ...fresh]), [...never, ...once]);
      assert.deepEqual(named(site.endpoint.accepted, 'install'), []);
    });
  }

  it('is a good one afterwards', async (t) => {
    const { site, ledger, operator, told } = await setup(t);
    assert.equal(await operator.stop(), 0);
    await ledger.put('{');
    const second = await site.start();
    await second.ready();
    await consentBegan(ledger);
    const fresh = await createSome();
    await site.arrived(fresh);
    assert.equal(await second.stop(), 0);

    const third = await site.start();
    await third.ready();
    const last = await createSome();
    await site.arrived(last);
    assert.equal(await third.stop(), 0);
    assertNoTrouble(third);
    assert.deepEqual(timesTold(site, [...told, ...fresh, ...last]), [...once, ...once, ...once]);
    assertOneInstall(site);
  });
});

describe('a ledger of another version of the same format', { concurrency: 2 }, () => {
  /** An installation whose ledger another version has written, and its operator at work. */
  async function startedOn(t: TestContext, content: LedgerContent) {
    sites += 1;
    const site = await lab.site(`broken-${sites}`);
    t.after(() => site[Symbol.asyncDispose]());
    const ledger = ledgerAccess(lab.client, site.namespace);
    await ledger.put(JSON.stringify(content));
    const operator = await site.start();
    await operator.ready();
    await consentBegan(ledger);
    const fresh = await createSome();
    await site.arrived(fresh);
    assert.equal(await operator.stop(), 0);
    assertNoTrouble(operator);
    assert.deepEqual(timesTold(site, [...sample.existing, ...fresh]), [...never, ...once]);
    return { site, after: (await ledger.content()) ?? assert.fail() };
  }

  it('is taken over where it lacks a kind, whose existing resources are not counted', async (t) => {
    const content = structuredClone(sample.content);
    delete content.kinds.StaticRoute;
    const { after } = await startedOn(t, content);
    assert.deepEqual(new Set(Object.keys(after.kinds)), new Set(KINDS));
  });

  it('keeps a kind and what is pending that only the newer version has, and sends none of it', async (t) => {
    const content = structuredClone(sample.content);
    content.kinds.Route = { resourceVersion: '1', whatever: ['it', 'holds'] };
    content.laterPending = { 'route-created': ['uid:t00000'] };
    content.pending['analytics-disabled'] = [':t00000'];
    const { site, after } = await startedOn(t, content);
    assert.deepEqual(after.kinds.Route, content.kinds.Route);
    assert.deepEqual(after.laterPending, {
      'analytics-disabled': [':t00000'],
      'route-created': ['uid:t00000'],
    });
    for (const name of ['analytics-disabled', 'route-created']) {
      assert.deepEqual(named(site.endpoint.accepted, name), []);
    }
  });
});

describe('a ledger of a newer program', { concurrency: 2 }, () => {
  const newer = JSON.stringify({ version: 2, what: 'a newer program knows' });

  async function assertUntouched(ledger: LedgerAccess): Promise<void> {
    assert.equal((await ledger.map())?.data?.['ledger.json'], newer);
  }

  it('is left alone, and nothing is sent', async (t) => {
    const { site, ledger, operator } = await setup(t);
    assert.equal(await operator.stop(), 0);
    await ledger.put(newer);
    const told = site.endpoint.arrivals.length;
    const again = await site.start();
    await eventually(() => assert.equal(linesOf(again, /^nothing is sent: the ledger/).length, 1));
    await again.ready();
    await createSome();
    assert.equal((await fetch(`${again.healthUrl}/healthz`)).status, 200);
    assert.equal(await again.stop(), 0);
    const [line, ...others] = again.lines.filter(({ level }) => level !== 'info');
    assert.equal(line?.problem, 'it is of version 2, which a newer program has written');
    assert.deepEqual(others, []);
    assert.equal(site.endpoint.arrivals.length, told);
    await assertUntouched(ledger);
  });

  it('is left alone also if it comes while this one runs', async (t) => {
    const { site, ledger, operator, told } = await setup(t);
    await ledger.put(newer);
    const fresh = await createSome();
    await eventually(() =>
      assert.equal(linesOf(operator, /^nothing is sent: the ledger/).length, 1),
    );
    const arrived = site.endpoint.arrivals.length;
    await createSome();
    assert.equal(await operator.stop(), 0);
    assert.equal(site.endpoint.arrivals.length, arrived);
    assert.deepEqual(timesTold(site, told), once);
    assert.ok(timesTold(site, fresh).every((count) => count <= 1));
    await assertUntouched(ledger);
  });

  it('is left alone where telemetry is off', async (t) => {
    const { site, ledger, operator } = await setup(t);
    assert.equal(await operator.stop(), 0);
    await ledger.put(newer);
    const told = site.endpoint.arrivals.length;
    const off = await site.start({ env: { DO_NOT_TRACK: '1' } });
    await off.ready();
    await eventually(() => assert.equal(linesOf(off, /^telemetry is off/).length, 1));
    assert.equal(await off.stop(), 0);
    assert.equal(site.endpoint.arrivals.length, told);
    await assertUntouched(ledger);
  });
});

describe('a ledger that somebody deletes', { concurrency: 2 }, () => {
  it('while the operator is down: what exists is not sent again', async (t) => {
    const { site, ledger, operator, told } = await setup(t);
    assert.equal(await operator.stop(), 0);
    await ledger.remove();
    const again = await site.start();
    await again.ready();
    const fresh = await createSome();
    await site.arrived(fresh);
    assert.equal(await again.stop(), 0);
    assertNoTrouble(again);
    assert.deepEqual(timesTold(site, [...told, ...fresh]), [...once, ...once]);
    assertOneInstall(site);
  });

  it('while it runs: it is made again, with all that was in it', async (t) => {
    const { site, ledger, operator, told } = await setup(t);
    await ledger.remove();
    const fresh = await createSome();
    await site.arrived(fresh);
    await eventually(async () => assert.equal((await ledger.content())?.installed, true));
    assert.equal(await operator.stop(), 0);
    const again = await site.start();
    await again.ready();
    const afterwards = await createSome();
    await site.arrived(afterwards);
    assert.equal(await again.stop(), 0);
    for (const each of [operator, again]) assertNoTrouble(each);
    assert.deepEqual(timesTold(site, [...told, ...fresh, ...afterwards]), [
      ...once,
      ...once,
      ...once,
    ]);
    assert.equal(named(site.endpoint.accepted, 'install').length, 1);
  });
});

describe('a ledger that somebody edits while the operator runs', { concurrency: 3 }, () => {
  it('keeps what others have put beside it', async (t) => {
    const { site, ledger, operator, told } = await setup(t);
    await ledger.patch({
      metadata: { labels: { team: 'gateways' }, annotations: { note: 'do not touch' } },
      data: { 'README.txt': 'what this is' },
    });
    const fresh = await createSome();
    await site.arrived(fresh);
    assert.equal(await operator.stop(), 0);
    const { metadata, data } = (await ledger.map()) ?? assert.fail();
    const marks = metadata as Readonly<Record<string, unknown>>;
    assert.partialDeepStrictEqual(marks.labels, { team: 'gateways' });
    assert.partialDeepStrictEqual(marks.annotations, { note: 'do not touch' });
    assert.equal(data?.['README.txt'], 'what this is');
    const { pending, kinds } = (await ledger.content()) ?? {};
    // The other cases create as well, and the operator may have been stopped just then.
    const stillPending = JSON.stringify(pending);
    for (const { uid, kind } of [...told, ...fresh]) {
      const packed = Buffer.from(uid.replaceAll('-', ''), 'hex').toString('base64url');
      assert.ok(!stillPending.includes(packed), kind);
      assert.ok(
        kinds[kind].recent.some((entry: string) => entry.startsWith(`${packed}:`)),
        kind,
      );
    }
    assertNoTrouble(operator);
  });

  const unwritable = [
    { title: 'is immutable', block: ({ patch }: LedgerAccess) => patch({ immutable: true }) },
    { title: 'has no room left', block: fillUp },
  ];
  for (const { title, block } of unwritable) {
    it(`is kept in memory while the ConfigMap ${title}, and written once it was deleted`, async (t) => {
      const { site, ledger, operator, told } = await setup(t);
      await block(ledger);
      const fresh = await createSome();
      await site.arrived(fresh);
      await eventually(() =>
        assert.equal(linesOf(operator, /^the ledger cannot be written/).length, 1),
      );
      const [line] = linesOf(operator, /^the ledger cannot be written/);
      assert.match(String(line?.todo), /immutable or has no room.*delete it/);
      await ledger.remove();
      await eventually(async () => assert.deepEqual((await ledger.content())?.pending, {}));
      await operator.stop('SIGKILL');
      const again = await site.start();
      await again.ready();
      const afterwards = await createSome();
      await site.arrived(afterwards);
      assert.equal(await again.stop(), 0);
      assertNoTrouble(again);
      const all = [...told, ...fresh, ...afterwards];
      assert.deepEqual(timesTold(site, all), [...once, ...once, ...once]);
    });
  }

  it('is written though its key was moved to the binary data, which is kept otherwise', async (t) => {
    const { site, ledger, operator, told } = await setup(t);
    const binaryData = { 'ledger.json': 'AAEC', 'other.bin': 'AAEC' };
    await ledger.patch({ data: null, binaryData });
    const fresh = await createSome();
    await site.arrived(fresh);
    await eventually(async () => assert.deepEqual((await ledger.content())?.pending, {}));
    assert.equal(await operator.stop(), 0);
    const map = (await ledger.map()) as { readonly binaryData?: unknown } | undefined;
    assert.deepEqual(map?.binaryData, { 'other.bin': 'AAEC' });
    assertNoTrouble(operator);
    assert.deepEqual(timesTold(site, [...told, ...fresh]), [...once, ...once]);
  });

  it('is written over where it was broken', async (t) => {
    const { site, ledger, operator, told } = await setup(t);
    await ledger.put('{ broken');
    const fresh = await createSome();
    await site.arrived(fresh);
    await eventually(async () => assert.equal((await ledger.content())?.version, 1));
    assert.equal(await operator.stop(), 0);
    const again = await site.start();
    await again.ready();
    const afterwards = await createSome();
    await site.arrived(afterwards);
    assert.equal(await again.stop(), 0);
    for (const each of [operator, again]) assertNoTrouble(each);
    assert.deepEqual(timesTold(site, [...told, ...fresh, ...afterwards]), [
      ...once,
      ...once,
      ...once,
    ]);
  });

  it('silences the operator where somebody writes that consent is off', async (t) => {
    const { site, ledger, operator, told } = await setup(t);
    await ledger.put(JSON.stringify({ ...(await ledger.content()), consent: 'off' }));
    await createSome();
    await eventually(() =>
      assert.equal(linesOf(operator, /another replica has switched/).length, 1),
    );
    const arrived = site.endpoint.arrivals.length;
    await createSome();
    assert.equal(await operator.stop(), 0);
    assert.equal(site.endpoint.arrivals.length, arrived);
    assert.equal((await ledger.content())?.consent, 'off');
    assert.deepEqual(timesTold(site, told), once);
  });
});
