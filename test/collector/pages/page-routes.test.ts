import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FIGURE_NAMES, NUMBER_PAGES } from '../../../src/collector/pages/figures.ts';
import { anEvent, type CollectorOptions, collector, type EventOptions } from '../setup.ts';

/** Starts a collector that has these events. */
async function setup(events: readonly EventOptions[] = [{}], options: CollectorOptions = {}) {
  const parts = collector(options);
  const batch = events.map((one, i) => anEvent({ messageId: `m-${i}`, ...one }));
  if (batch.length > 0) await parts.post('/v1/batch', { body: { batch } });
  return parts;
}

const PATHS = ['/', '/numbers', ...NUMBER_PAGES.map(({ slug }) => `/numbers/${slug}`), '/received'];

type Get = ReturnType<typeof collector>['get'];

/** Checks that every address in a page is one of ours, and leads somewhere. */
async function assertLinksLead(get: Get, text: string): Promise<void> {
  const addresses = [...text.matchAll(/(?:href|src|action)="(?<to>[^"]*)"/g)];
  assert.ok(addresses.length > 0);
  for (const { groups } of addresses) {
    const to = (groups?.to ?? '').replaceAll('&amp;', '&');
    if (to.startsWith('#')) continue;
    assert.match(to, /^\/(?!\/)/);
    assert.equal((await get(to)).status, 200, to);
  }
}

describe('the pages', () => {
  for (const path of PATHS) {
    it(`have ${path}, with a title, no script and no inline style`, async () => {
      const { get } = await setup();
      const { status, headers, text } = await get(path);
      assert.equal(status, 200);
      assert.match(headers.get('content-type') ?? '', /^text\/html/);
      assert.match(text, /<title>[^<]+ · Kusk Gateway telemetry<\/title>/);
      assert.equal(text.match(/<h1>/g)?.length, 1);
      assert.doesNotMatch(text, /<script|<style|\sstyle=|\son\w+=|undefined|NaN|\[object/);
      assert.equal(headers.get('set-cookie'), null);
    });

    it(`load nothing from elsewhere at ${path}, and what they load exists`, async () => {
      const { get } = await setup();
      const { headers, text } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /^default-src 'none'; style-src 'self'; img-src 'self'/);
      assert.doesNotMatch(policy, /unsafe|http/);
      await assertLinksLead(get, text);
    });
  }

  it('have no link to more bars than a page has, and all days in files', async () => {
    const { get } = await setup([{ timestamp: '2025-01-01T01:00:00Z' }]);
    const { text } = await get('/?range=all');
    await assertLinksLead(get, text);
    assert.match(text, /href="\/\?range=all&amp;by=week"/);
    const lines = (await get('/numbers.csv?range=all&by=day')).text.split('\r\n');
    assert.equal(lines.filter((line) => line.startsWith('day,')).length, 692);
    assert.equal((await get('/?range=all&by=day')).status, 400);
  });

  it('show each figure, its change, and that today is not complete', async () => {
    const days = ['23', '22', '21', '15', '12', '11', '10', '09'].map((day) => `2026-11-${day}`);
    const events = days.map((day, i) => ({ subject: `s${i}`, timestamp: `${day}T01:00:00Z` }));
    const { get } = await setup(events);
    const past = (await get('/numbers/active-clusters?from=2026-11-17&to=2026-11-22')).text;
    assert.match(past, /<p class="change">−1 \(−33%\) from 3<\/p>/);
    const { text } = await get('/numbers/active-clusters?range=7d');
    assert.match(
      text,
      /<p class="figure">3<\/p>\s*<p class="change">2 without today: −2 \(−50%\)<\/p>/,
    );
    assert.match(
      text,
      /17 Nov 2026 – 23 Nov 2026\. Today \(UTC\) is not complete\. 17 Nov 2026 – 22 Nov 2026 is compared with 10 Nov 2026 – 15 Nov 2026\./,
    );
    assert.match(text, /23 Nov 2026 <span class="tag">not complete<\/span>/);
    assert.match(text, /<dt>Today so far<\/dt><dd>1<\/dd>/);
  });

  it('show how a number is counted, from the catalogue', async () => {
    const { text } = await (await setup()).get('/numbers/cli-usages');
    assert.match(text, /<code>kusk cluster install<\/code> runs\. Its arguments are not sent\./);
    assert.match(text, /Counted once per machine, command and UTC day\./);
  });

  it('show how often each command was used, on the page and in the files', async () => {
    const usage = { source: 'kusk-cli' } as const;
    const { get } = await setup([
      { ...usage, name: 'cluster install' },
      { ...usage, name: 'dashboard' },
      { ...usage, name: 'dashboard' },
      { ...usage, name: 'dashboard', subject: 'b' },
    ]);
    const path = '/numbers/cli-usages';
    assert.match(
      (await get(path)).text,
      /<h2>By command<\/h2>.*<code>kusk dashboard<\/code>\D*>2</s,
    );
    const { commands } = JSON.parse((await get(`${path}.json`)).text);
    assert.deepEqual([commands.dashboard, commands['cluster upgrade']], [2, 0]);
    assert.match((await get(`${path}.csv`)).text, /^kusk cluster install,\S+,false,1\r$/m);
    assert.doesNotMatch((await get('/numbers/creations.csv')).text, /^kusk/m);
  });

  it('keep the view in the address of every link', async () => {
    const { text } = await (await setup()).get('/?from=2026-11-01&to=2026-11-23&by=week');
    const query = '\\?from=2026-11-01&amp;to=2026-11-23&amp;by=week';
    assert.match(text, new RegExp(`href="/numbers/creations${query}"`));
    assert.match(text, new RegExp(`href="/numbers.csv${query}"`));
    assert.match(text, /<input type="hidden" name="by" value="week"><button>Show/);
  });

  it('explain an address that does not exist, to a program as JSON', async () => {
    const { get } = await setup();
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    for (const path of ['/numbers/creation', '/v1/number']) {
      const page = await get(path, { Accept: accept });
      assert.deepEqual(
        [page.status, page.headers.get('content-type')],
        [404, 'text/html; charset=UTF-8'],
      );
      assert.match(page.text, /There is nothing at this path\..*<a href="\/">/s);
      const document = await get(path, { Accept: '*/*' });
      assert.deepEqual([document.status, JSON.parse(document.text).code], [404, 'not_found']);
    }
  });

  it('show how to send to an empty collector', async () => {
    const { get } = await setup([]);
    const { status, text } = await get('/');
    assert.equal(status, 200);
    assert.match(text, /<h1>No events yet<\/h1>/);
    assert.match(text, /--set analytics\.endpoint=ENDPOINT --set analytics\.writeKey=WRITE-KEY/);
  });

  it('show that events were refused, though there are none yet', async () => {
    const { get, post } = await setup([]);
    assert.doesNotMatch((await get('/')).text, /refused/);
    const batch = [1, 2].map((extra) => ({ ...anEvent(), extra }));
    await post('/v1/batch', { body: { batch } });
    const { text } = await get('/');
    assert.match(
      text,
      /<h1>No events yet<\/h1>.*arrived and were refused: 2\. <a href="\/received">/s,
    );
  });

  it('have an event to try that the collector accepts', async () => {
    const { get, post } = await setup([]);
    const { text } = await get('/');
    const json = /--json &#39;(?<json>\{.*\})&#39;/s.exec(text)?.groups?.json ?? '';
    const event = JSON.parse(json.replaceAll('&quot;', '"'));
    assert.equal((await post('/v1/track', { body: event })).status, 200);
    assert.match((await get('/')).text, /The seven numbers/);
    assert.equal(JSON.parse((await get('/numbers.json')).text).total.uiSessions, 1);
  });

  it('show what was refused, by reason', async () => {
    const { get, post } = await setup([]);
    const batch = [
      { ...anEvent(), type: 'page' },
      { ...anEvent(), extra: 1 },
      anEvent(),
      anEvent(),
    ];
    await post('/v1/batch', { body: { batch } });
    const { accepted, duplicates, refused } = JSON.parse((await get('/received.json')).text);
    assert.deepEqual([accepted, duplicates], [1, 1]);
    assert.equal(refused['not-a-track'], 1);
    assert.equal(refused['unknown-member'], 1);
    assert.match((await get('/received.csv')).text, /^refused,not-a-track,1\r$/m);
    assert.match((await get('/received')).text, /not-a-track<\/code><\/th>.*<td class="number">1</);
  });

  const bad = [
    'range=28',
    'from=2026-02-30',
    'from=2026-11-02&to=2026-11-01',
    'by=<b>',
    'to=%22%3E',
  ];
  for (const query of bad) {
    it(`respond with 400 and what to write to ${query}`, async () => {
      const { get } = await setup();
      const page = await get(`/numbers/creations?${query}`, { Accept: 'text/html' });
      assert.equal(page.status, 400);
      assert.match(page.text, /must (?:be|not)/);
      assert.doesNotMatch(page.text, /<b>|"">/);
      const file = await get(`/numbers/creations.csv?${query}`);
      assert.equal(file.status, 400);
      assert.equal(JSON.parse(file.text).code, 'wrong_query');
    });
  }

  it('escape the address in the form for the key', async () => {
    const { get } = await setup([], { readKey: 'r' });
    const { text } = await get('/?range="><script>alert(1)</script>');
    assert.doesNotMatch(text, /<script/);
  });

  for (const path of ['/', '/numbers', '/numbers/creations.csv', '/received', '/sign-out']) {
    it(`respond with 405 to PUT ${path}`, async () => {
      const { app } = await setup();
      const response = await app.request(path, { method: 'PUT' });
      assert.equal(response.status, 405);
    });
  }

  it('keep the stylesheet in the browser, under an address that changes with it', async () => {
    const { get } = await setup();
    const [address = ''] = /\/assets\/[0-9a-f]{12}\.css/.exec((await get('/')).text) ?? [];
    const { headers } = await get(address);
    assert.match(headers.get('content-type') ?? '', /^text\/css/);
    assert.match(headers.get('cache-control') ?? '', /immutable/);
    assert.equal((await get('/')).headers.get('cache-control'), 'no-store');
  });
});

describe('the files of the pages', () => {
  for (const path of ['/numbers', '/numbers/active-clusters', '/numbers/creations']) {
    it(`have the data of ${path}, by address and by Accept`, async () => {
      const { get } = await setup();
      const query = '?range=90d&by=week';
      for (const [format, type] of [
        ['json', 'application/json'],
        ['csv', 'text/csv'],
      ] as const) {
        const file = await get(`${path}.${format}${query}`);
        const accepted = await get(`${path}${query}`, { Accept: type });
        assert.equal(file.status, 200);
        assert.match(file.headers.get('content-type') ?? '', new RegExp(`^${type}`));
        assert.equal(file.text, accepted.text);
      }
    });
  }

  it('have the first page at its own address too', async () => {
    const { get } = await setup();
    assert.equal(
      (await get('/', { Accept: 'application/json' })).text,
      (await get('/numbers.json')).text,
    );
  });

  it('go to a browser as the page', async () => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const { headers } = await (await setup()).get('/', { Accept: accept });
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
  });

  it('have the figures of /v1/numbers', async () => {
    const { get } = await setup([{}, { subject: 'b' }, { name: 'api-created' }]);
    const { total } = JSON.parse((await get('/v1/numbers')).text);
    const { creations, ...numbers } = total;
    const report = JSON.parse((await get('/numbers.json?range=all')).text);
    assert.deepEqual(report.total, { ...numbers, creations: 1, ...creations });
  });

  it('compare days that are over only', async () => {
    const { get } = await setup([{}, { subject: 'b', timestamp: '2026-10-01T10:00:00Z' }]);
    const rows = async (range: string) => {
      const { text } = await get(`/numbers/active-clusters.csv?from=${range}`);
      return text.split('\r\n').filter((line) => /^(total|compared|before|active-1),/.test(line));
    };
    assert.deepEqual(await rows('2026-11-22&to=2026-11-25'), [
      'total,2026-11-22,2026-11-25,false,1',
      'compared,2026-11-22,2026-11-22,true,0',
      'before,2026-11-18,2026-11-18,true,0',
      'active-1,2026-11-23,2026-11-23,false,1',
    ]);
    assert.deepEqual(await rows('2026-11-23'), [
      'total,2026-11-23,2026-11-23,false,1',
      'active-1,2026-11-23,2026-11-23,false,1',
    ]);
  });

  it('have a name with the dates, and a header', async () => {
    const { headers, text } = await (await setup()).get('/numbers.csv?range=7d');
    assert.equal(
      headers.get('content-disposition'),
      'attachment; filename="seven-numbers_2026-11-17_2026-11-23.csv"',
    );
    assert.equal(text.split('\r\n')[0], `row,from,to,complete,${FIGURE_NAMES.join(',')}`);
  });
});
