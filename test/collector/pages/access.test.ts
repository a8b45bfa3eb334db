import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pageCookie } from '../../../src/collector/pages/access.ts';
import { aBatch, anEvent, type CollectorOptions, collector, NOW } from '../setup.ts';

const KEY = 'the-read-key';
/** The last month that is published. */
const OCTOBER = '2026-10-20T11:42:41.213Z';
const ORIGIN = { Host: 'numbers.example', Origin: 'http://numbers.example' };

/** Starts a collector with a read key and with heartbeats of 7 clusters and 3 created APIs. */
async function setup(options: CollectorOptions = { readKey: KEY }, timestamp?: string) {
  const parts = collector(options);
  const heartbeats = [...'abcdefg'].map((subject) => anEvent({ messageId: subject, subject }));
  const created = ['1', '2', '3'].map((messageId) => anEvent({ messageId, name: 'api-created' }));
  const events = [...heartbeats, ...created].map((one) => ({
    ...one,
    timestamp: timestamp ?? one.timestamp,
  }));
  await parts.store.record(aBatch(events), { receivedAt: NOW });

  async function signIn(key: string, { headers = ORIGIN, next = '/' }: SignIn = {}) {
    const body = new URLSearchParams({ key, next });
    return await parts.app.request('/sign-in', { method: 'POST', body, headers });
  }
  return { ...parts, signIn };
}

interface SignIn {
  readonly headers?: Readonly<Record<string, string>>;
  readonly next?: string;
}

describe('a collector without a read key', () => {
  const paths = ['/', '/numbers.json', '/received', '/v1/numbers', '/v1/events', '/metrics'];
  for (const path of paths) {
    it(`is not read under another site's name: ${path}`, async () => {
      const { get } = await setup({});
      const { status, text } = await get(path, { Host: 'rebound.example:8090' });
      assert.equal(status, 421);
      assert.match(text, /start it with --read-key/);
      assert.doesNotMatch(text, /activeClusters|"messageId"|class="figure"/);
    });

    it(`is read at an address, at any port: ${path}`, async () => {
      const { get } = await setup({});
      for (const host of ['127.0.0.1:8090', 'localhost:18090', '[::1]:8090', '192.0.2.7']) {
        assert.equal((await get(path, { Host: host })).status, 200, host);
      }
    });
  }

  it('has its probes under any name', async () => {
    const { get } = await setup({});
    assert.equal((await get('/healthz', { Host: 'kusk-collector' })).status, 200);
    assert.equal((await get('/readyz', { Host: 'kusk-collector' })).status, 200);
  });

  it('is read under any name with the read key', async () => {
    const { get } = await setup();
    const headers = { Host: 'numbers.example', Authorization: `Bearer ${KEY}` };
    assert.equal((await get('/v1/numbers', headers)).status, 200);
  });
});

describe('a page with a read key', () => {
  it('is a form for the key until one has signed in', async () => {
    const { get } = await setup();
    for (const path of ['/', '/numbers/active-clusters?range=7d', '/received']) {
      const { status, text, headers } = await get(path);
      assert.equal(status, 401);
      assert.equal(headers.get('www-authenticate'), 'Bearer');
      assert.match(text, /<form method="post" action="\/sign-in"/);
      assert.match(text, new RegExp(`name="next" value="${path.replace('?', '\\?')}"`));
      assert.doesNotMatch(text, /class="figure"/);
    }
  });

  it('responds to programs with 401 as JSON, and with the data if they send the key', async () => {
    const { get } = await setup();
    for (const path of ['/numbers.json', '/numbers/creations.csv', '/received.json']) {
      const { status, text } = await get(path);
      assert.equal(status, 401);
      assert.equal(JSON.parse(text).code, 'wrong_read_key');
      assert.equal((await get(path, { Authorization: `Bearer ${KEY}` })).status, 200);
      assert.equal((await get(path, { Authorization: 'Bearer other' })).status, 401);
    }
  });

  it('is shown after signing in, by a cookie that scripts cannot read and that is not the key', async () => {
    const { get, signIn } = await setup();
    const response = await signIn(KEY, { next: '/numbers/creations?range=7d' });
    assert.equal(response.status, 303);
    assert.equal(response.headers.get('location'), '/numbers/creations?range=7d');
    const cookie = response.headers.get('set-cookie') ?? '';
    assert.match(cookie, /^kusk-collector=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.ok(!cookie.includes(KEY));
    const headers = { Cookie: cookie.split(';', 1).join() };
    const { status, text } = await get('/', headers);
    assert.equal(status, 200);
    assert.match(text, /Sign out/);
    assert.equal((await get('/numbers.csv', headers)).status, 200);
    assert.equal((await get('/v1/events', headers)).status, 401);
  });

  it('marks the cookie as secure if the browser uses TLS', async () => {
    const headers = { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://numbers.example' };
    const { signIn } = await setup();
    const response = await signIn(KEY, { headers });
    assert.match(response.headers.get('set-cookie') ?? '', /; Secure/);
  });

  const wrong = [KEY, '', 'x', pageCookie('other'), `${pageCookie(KEY)}0`];
  for (const value of wrong) {
    it(`is not shown for the cookie "${value.slice(0, 12)}"`, async () => {
      const { get } = await setup();
      const { status } = await get('/', { Cookie: `kusk-collector=${value}` });
      assert.equal(status, 401);
    });
  }

  it('is asked for again after a wrong key, without showing it', async () => {
    const { signIn } = await setup();
    const response = await signIn('a-wrong-key');
    assert.equal(response.status, 401);
    assert.equal(response.headers.get('set-cookie'), null);
    const text = await response.text();
    assert.match(text, /role="alert"><strong>That is not the read key/);
    assert.doesNotMatch(text, /a-wrong-key/);
  });

  const elsewhere = [
    { title: 'another origin', headers: { Host: 'a.example', Origin: 'http://b.example' } },
    { title: 'no origin', headers: { Host: 'a.example' } },
    { title: 'an opaque origin', headers: { Host: 'a.example', Origin: 'null' } },
    { title: 'another site', headers: { ...ORIGIN, 'Sec-Fetch-Site': 'cross-site' } },
    { title: 'another host of the site', headers: { ...ORIGIN, 'Sec-Fetch-Site': 'same-site' } },
  ];
  for (const { title, headers } of elsewhere) {
    it(`refuses the form from ${title}`, async () => {
      const { signIn, app } = await setup();
      const response = await signIn(KEY, { headers });
      assert.equal(response.status, 403);
      assert.equal(response.headers.get('set-cookie'), null);
      assert.equal((await app.request('/sign-out', { method: 'POST', headers })).status, 403);
    });
  }

  for (const next of [
    '//evil.example/',
    'https://evil.example/',
    '/\\evil.example',
    '/v1/events',
    '',
    'x',
  ]) {
    it(`goes to the first page instead of "${next}"`, async () => {
      const { signIn } = await setup();
      const response = await signIn(KEY, { next });
      assert.equal(response.headers.get('location'), '/');
    });
  }

  it('limits how often a key can be tried', async () => {
    const { signIn } = await setup();
    const tries = await Promise.all(Array.from({ length: 20 }, () => signIn('x')));
    assert.ok(tries.some(({ status }) => status === 429));
  });

  it('refuses a form that is too large', async () => {
    const { signIn } = await setup();
    assert.equal((await signIn('x'.repeat(10_000))).status, 413);
  });

  it('removes the cookie when one signs out', async () => {
    const { app } = await setup();
    const response = await app.request('/sign-out', { method: 'POST', headers: ORIGIN });
    assert.equal(response.status, 303);
    assert.match(response.headers.get('set-cookie') ?? '', /^kusk-collector=; Max-Age=0/);
  });
});

describe('a page without a read key', () => {
  it('is shown, as /v1/numbers is', async () => {
    const { get } = await setup({});
    assert.match((await get('/')).text, /<p class="figure">7<\/p>/);
    assert.equal((await get('/sign-in')).status, 303);
  });
});

describe('a public page', () => {
  const options = { readKey: KEY, isPublic: true };

  it('is shown without the key: rounded, and nothing below 5', async () => {
    const { get } = await setup(options, OCTOBER);
    const { status, text } = await get('/');
    assert.equal(status, 200);
    assert.match(text, /<p class="figure">5<\/p>/);
    assert.match(text, /<p class="figure quiet">not shown<\/p>/);
    assert.doesNotMatch(text, /\b[1-4] (?:from|in)\b|: [0-4]</);
    assert.match(text, /only whole months are shown, from a week after their end/);
    const { total, public: isPublic } = JSON.parse((await get('/numbers.json')).text);
    assert.equal(isPublic, true);
    assert.equal(total.activeClusters, 5);
    assert.equal(total.API, null);
    assert.match((await get('/numbers/creations.csv')).text, /^total,\S+,\S+,true,,,,\r$/m);
  });

  const addresses = [
    '/',
    '/?range=all',
    '/numbers/active-clusters?range=year',
    '/numbers.json',
    '/numbers.json?range=all',
    '/numbers.csv?range=year',
    '/numbers.csv?to=2026-10-31',
  ];
  for (const address of addresses) {
    it(`is the same for 4 events as for none, at ${address}`, async () => {
      const [empty, few] = [collector(options), collector(options)];
      const days = ['2025-03-04', '2026-10-10', '2026-10-20', '2026-11-24'];
      const events = days.map((day) =>
        anEvent({ messageId: day, subject: day, timestamp: `${day}T01:00:00Z` }),
      );
      await few.store.record(aBatch(events), { receivedAt: NOW });
      const { status, text } = await few.get(address);
      assert.equal(status, 200);
      assert.equal(text, (await empty.get(address)).text);
    });
  }

  it('has exact figures for who has the key', async () => {
    const { get } = await setup(options);
    const { text } = await get('/numbers.json', { Authorization: `Bearer ${KEY}` });
    assert.equal(JSON.parse(text).total.activeClusters, 7);
  });

  it('has a link to sign in, which keeps the address', async () => {
    const { get } = await setup(options);
    const { text } = await get('/numbers/creations?range=7d');
    assert.match(text, /href="\/sign-in\?next=%2Fnumbers%2Fcreations%3Frange%3D7d"/);
  });

  for (const path of ['/received', '/received.json', '/v1/numbers', '/v1/events', '/metrics']) {
    it(`does not show ${path}`, async () => {
      const { get } = await setup(options);
      assert.equal((await get(path)).status, 401);
    });
  }
});
