import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { createCertificateAuthority } from '../../lab/control-plane/certificates.ts';
import { accept, type Behaviour, type Endpoint, refuse } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { expectedMessageId } from '../../lab/support/expected.ts';
import { type Front, startFront } from '../../lab/support/front.ts';
import { nodeFlags } from '../../lab/support/image-flags.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { metric } from '../../lab/support/metrics.ts';
import type { Operator, OperatorOptions } from '../../lab/support/operator.ts';
import type { Creation, ResourceName } from '../../lab/support/resources.ts';
import type { Site } from '../../lab/support/site.ts';

const NAMESPACE = 'users';

/** One way in which the way to the endpoint breaks, for a time. */
interface Fault {
  readonly title: string;
  /** The reason in the log. */
  readonly reason: RegExp;
  /** Attempts that fail before it is mended: a refusal is seldom tried again, by design. */
  readonly attempts: number;
  readonly level: 'warn' | 'error';
  readonly prepare: (site: Site, lab: Lab) => Prepared | Promise<Prepared>;
}

interface Prepared {
  readonly operator?: Partial<OperatorOptions>;
  readonly spoil: () => void | Promise<void>;
  readonly mend: () => void | Promise<void>;
  readonly dispose?: () => Promise<void>;
}

interface Case {
  readonly fault: Fault;
  readonly site: Site;
  readonly prepared: Prepared;
  readonly operator: Operator;
}

/** The endpoint itself misbehaves. */
function behaving(behaviour: Behaviour): Fault['prepare'] {
  return ({ endpoint }) => ({
    spoil: () => endpoint.behave(behaviour),
    mend: () => endpoint.behave(accept),
  });
}

const html: Behaviour = (_, response) => {
  response
    .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
    .end('<html>Log in</html>');
};

/** The head comes immediately, the rest never. */
const trickle: Behaviour = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"succ');
};

/** The endpoint accepts the request, and its response is lost. */
const loseAnswer: Behaviour = (_arrival, _response, socket) => socket.destroy();

async function refusedConnections({ endpoint }: Site): Promise<Prepared> {
  const front = await startFront({ target: endpoint.url });
  return {
    operator: { endpoint: front.url },
    spoil: front.shut,
    mend: front.open,
    dispose: () => disposeOf(front),
  };
}

async function wrongCertificate({ endpoint }: Site, { cp }: Lab): Promise<Prepared> {
  const subject = { commonName: 'endpoint', hosts: ['127.0.0.1'] };
  const right = cp.authority.issue(subject);
  const wrong = createCertificateAuthority('stranger', { now: Date.now }).issue(subject);
  const front = await startFront({ target: endpoint.url, tls: right });
  return {
    operator: { endpoint: front.url, env: { NODE_EXTRA_CA_CERTS: cp.caFile } },
    spoil: () => front.present(wrong),
    mend: () => front.present(right),
    dispose: () => disposeOf(front),
  };
}

async function disposeOf(front: Front): Promise<void> {
  await front.shut().catch(() => undefined);
}

const login = refuse(302, { Location: 'http://127.0.0.1:9/login' });
const FAULTS: readonly Fault[] = [
  {
    title: 'refused connections',
    reason: /^connection refused$|^connection lost/,
    attempts: 3,
    level: 'warn',
    prepare: refusedConnections,
  },
  {
    title: 'a black hole',
    reason: /^no response within 10 s$/,
    attempts: 2,
    level: 'warn',
    prepare: behaving(() => undefined),
  },
  {
    title: 'a response without end',
    reason: /^no response within 10 s$/,
    attempts: 2,
    level: 'warn',
    prepare: behaving(trickle),
  },
  {
    title: '500',
    reason: /^answered 500$/,
    attempts: 3,
    level: 'warn',
    prepare: behaving(refuse(500)),
  },
  {
    title: '429 with Retry-After',
    reason: /^answered 429$/,
    attempts: 3,
    level: 'warn',
    prepare: behaving(refuse(429, { 'Retry-After': '2' })),
  },
  {
    title: '400',
    reason: /^answered 400$/,
    attempts: 1,
    level: 'error',
    prepare: behaving(refuse(400)),
  },
  {
    title: '302 to a login page',
    reason: /^redirected to another address/,
    attempts: 3,
    level: 'warn',
    prepare: behaving(login),
  },
  {
    title: '200 with a login page',
    reason: /^response is an HTML page/,
    attempts: 3,
    level: 'warn',
    prepare: behaving(html),
  },
  {
    title: 'a wrong certificate',
    reason: /^certificate not trusted$|^connection lost/,
    attempts: 3,
    level: 'warn',
    prepare: wrongCertificate,
  },
  {
    title: 'a lost response',
    reason: /^connection lost before the response$/,
    attempts: 3,
    level: 'warn',
    prepare: behaving(loseAnswer),
  },
];

function names(count: number, prefix: string): readonly ResourceName[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'API',
    namespace: NAMESPACE,
    name: `${prefix}-${index}`,
  }));
}

/** Resolves once the endpoint has accepted all of these; asserts that it accepted none twice. */
async function acceptedOnce(lab: Lab, endpoint: Endpoint, creations: readonly Creation[]) {
  const expected = new Set(creations.map((creation) => expectedMessageId(lab.clusterId, creation)));
  const arrived = () =>
    endpoint.accepted.flatMap(({ messageId, properties }) =>
      properties.event === 'api-created' ? [messageId] : [],
    );
  await eventually(
    () => {
      const missing = expected.difference(new Set(arrived())).size;
      assert.equal(missing, 0, `${missing} of ${expected.size} have not arrived`);
    },
    { withinMs: 90_000 },
  );
  assert.deepEqual(new Set(arrived()), expected);
  assert.equal(arrived().length, expected.size, 'accepted more than once');
}

const aboutEndpoint = ({ lines }: Operator) =>
  lines.filter(({ msg }) => /^the endpoint (is|refuses events)/.test(msg));

describe('an endpoint that is away', () => {
  let lab: Lab;
  const stack = new AsyncDisposableStack();
  const cases: Case[] = [];
  const created: Creation[] = [];
  before(async () => {
    lab = stack.adopt(await startLab({ namespaces: [NAMESPACE] }), (open) => open.close());
    for (const [index, fault] of FAULTS.entries()) {
      const site = stack.use(await lab.site(`site-${index}`));
      const prepared = await fault.prepare(site, lab);
      stack.defer(async () => await prepared.dispose?.());
      const operator = await site.start(prepared.operator ?? {});
      cases.push({ fault, site, prepared, operator });
    }
    await Promise.all(cases.map(({ operator }) => operator.ready()));
    created.push(...(await lab.users.createAll(names(20, 'before'))));
    for (const { site, operator } of cases) {
      await acceptedOnce(lab, site.endpoint, created);
      // A response that breaks on its way would have its events sent again.
      await eventually(async () => assert.equal(await metric(operator, 'events_pending'), 0));
    }

    // All of them break; meanwhile creations go on; they are mended one by one, each when it has
    // been tried often enough.
    for (const { prepared } of cases) await prepared.spoil();
    created.push(...(await lab.users.createAll(names(60, 'away'))));
  });
  after(() => stack.disposeAsync());

  it('is tried again and again, while the operator stays ready and keeps what is pending', async () => {
    try {
      await Promise.all(cases.map(triedAgain));
      created.push(...(await lab.users.createAll(names(20, 'later'))));
    } finally {
      for (const { prepared } of cases) await prepared.mend();
    }
  });

  for (const { title, reason, level } of FAULTS) {
    it(`with ${title}: all arrives once it is back, once, and two lines say so`, async () => {
      const { site, operator } = found(title);
      await acceptedOnce(lab, site.endpoint, created);
      const [away, back, ...more] = await eventually(() => {
        const lines = aboutEndpoint(operator);
        assert.ok(lines.length >= 2);
        return lines;
      });
      assert.deepEqual(more, []);
      assert.match(String(away?.reason), reason);
      assert.equal(away?.level, level);
      assert.equal(back?.msg, 'the endpoint is available again: pending events are sent');
      await eventually(async () => assert.equal(await metric(operator, 'events_pending'), 0));
      const told = operator.lines.filter(({ msg }) => msg === 'sent').length;
      assert.equal(told, created.length + 2, 'a line per event: creations, install and heartbeat');
      assert.equal(await operator.stop(), 0);
    });
  }

  function found(title: string): Case {
    const one = cases.find(({ fault }) => fault.title === title);
    assert.ok(one);
    return one;
  }
});

/** Resolves once it has said that the endpoint is away, and has tried some more times in vain. */
async function triedAgain({ fault, operator }: Case): Promise<void> {
  const { title, attempts } = fault;
  const patience = { withinMs: 90_000, everyMs: 100 };
  await eventually(() => assert.equal(aboutEndpoint(operator).length, 1, title), patience);
  // From now on it tries with one event at a time.
  const failed = await metric(operator, 'events_failed_total');
  await eventually(async () => {
    const more = (await metric(operator, 'events_failed_total')) - failed;
    assert.ok(more >= attempts - 1, `${title}: ${more} of ${attempts - 1} more tries`);
  }, patience);
  for (const page of ['readyz', 'healthz']) {
    assert.equal((await fetch(`${operator.healthUrl}/${page}`)).status, 200);
  }
  await eventually(
    async () => assert.equal(await metric(operator, 'events_pending'), 60),
    patience,
  );
  assert.equal(aboutEndpoint(operator).length, 1, title);
}

/** Those of the image. Its other flags save memory too, and take the processor's time for it. */
const HEAP_LIMITS = nodeFlags().filter((flag) => flag.includes('space-size'));

describe('ten thousand events that can not leave', () => {
  const COUNT = 10_050;
  const FULL = 10_000;
  let lab: Lab;
  before(async () => {
    lab = await startLab({ namespaces: [NAMESPACE] });
  });
  after(() => lab.close());

  it('take little memory, and leave in at most a hundred requests', async (t) => {
    await using idle = await lab.site('idle');
    await using full = await lab.site('full');
    const idling = await idle.start({ nodeArgs: HEAP_LIMITS });
    await idling.ready();
    await eventually(() => assert.equal(idle.endpoint.accepted.length, 2));
    const idleKiB = await memory(idling, 'VmRSS');
    await idling.stop();

    await full.makeLedger();
    const created = await lab.users.createAll(names(COUNT, 'many'));
    full.endpoint.behave(refuse(503));
    const operator = await full.start({ nodeArgs: HEAP_LIMITS });
    await eventually(async () => assert.ok((await metric(operator, 'events_pending')) >= FULL), {
      everyMs: 200,
    });
    await eventually(() => assert.equal(aboutEndpoint(operator).length, 1));
    const pending = await metric(operator, 'events_pending');
    assert.ok(pending <= FULL + 2, `the install and the heartbeat need no room: ${pending}`);
    assert.equal((await fetch(`${operator.healthUrl}/healthz`)).status, 200);
    const [nowKiB, peakKiB] = [await memory(operator, 'VmRSS'), await memory(operator, 'VmHWM')];

    const before = full.endpoint.arrivals.length;
    full.endpoint.behave(accept);
    await acceptedOnce(lab, full.endpoint, created);
    const requests = full.endpoint.arrivals.length - before;
    const endKiB = await memory(operator, 'VmHWM');
    t.diagnostic(
      `${COUNT} events in ${requests} requests; RSS idle ${mib(idleKiB)}, with ${pending} pending ${mib(nowKiB)}, its peak ${mib(peakKiB)}, after all left ${mib(endKiB)} (MiB)`,
    );
    assert.ok(requests <= 100, `${requests} requests`);
    assert.ok(endKiB < 2.5 * idleKiB, `${mib(endKiB)} MiB against ${mib(idleKiB)} MiB idle`);
    assert.equal(aboutEndpoint(operator).length, 2);
    assert.equal(await operator.stop(), 0);
  });
});

/** A line of the kernel's account of a process, in KiB. */
async function memory({ process: { pid } }: Operator, line: 'VmRSS' | 'VmHWM'): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
}

function mib(kib: number): string {
  return (kib / 1024).toFixed(0);
}
