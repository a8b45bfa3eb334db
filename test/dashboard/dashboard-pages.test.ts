import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { admission } from '../../src/dashboard/admission.ts';
import { createDashboardApp } from '../../src/dashboard/dashboard-app.ts';
import type { LedgerView } from '../../src/dashboard/model/telemetry-view.ts';
import type { DashboardView } from '../../src/dashboard/model/view.ts';
import { nextHeartbeat } from '../../src/dashboard/pages/heartbeat-panel.ts';
import type { MachineView } from '../../src/dashboard/pages/page-facts.ts';
import { countSessions, isCertainlyOn } from '../../src/dashboard/sessions.ts';
import { slotMoment, slotOf } from '../../src/record/heartbeat.ts';
import { MACHINE_ON } from './serving.ts';
import { fakeDashboard, listed, rows, VIEWS, viewOf } from './views.ts';

const PATHS = ['/', '/resources', '/sent', '/preview'];
const HOST = '127.0.0.1:8080';

/** The application without a server, and its cookie. Its clock stands still. */
function setup(view: DashboardView, machine: MachineView = MACHINE_ON) {
  const { time } = fakeTime();
  const dashboard = fakeDashboard(view);
  let ids = 0;
  const randomId = () => {
    ids += 1;
    return ids.toString(16).padStart(64, '0');
  };
  const admitted = admission({ port: 8080, randomId });
  const sessions = countSessions({
    isOn: () => machine.isOn && isCertainlyOn(dashboard.view()),
    deliver: async () => {},
    randomId,
    random: () => 0,
    time,
  });
  const app = createDashboardApp({
    dashboard,
    sessions,
    admission: admitted,
    bound: { address: '127.0.0.1', port: 8080 },
    machine: () => machine,
    time,
    signal: new AbortController().signal,
    onFailure: (error) => assert.fail(error as Error),
  });

  async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
    const first = await app.request(`/?token=${admitted.token}`, { headers: { host: HOST } });
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    const response = await app.request(path, { headers: { host: HOST, cookie, ...headers } });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
  return { get, sessions, dashboard };
}

/** The page of what was sent, without a payload. */
function sentWithout(state: LedgerView['state']) {
  const view = viewOf('on');
  const ledger = { state, message: state === 'ok' ? '' : 'What is wrong.' };
  const payloads = { ...view.payloads, sent: [] };
  return setup({ ...view, payloads, telemetry: { ...view.telemetry, ledger } }).get('/sent');
}

describe('the pages of the dashboard', () => {
  for (const [name, view] of Object.entries(VIEWS)) {
    it(`are whole, and have no inline script or style: ${name}`, async () => {
      const { get } = setup(view);
      for (const path of PATHS) {
        const { status, text } = await get(path);
        assert.equal(status, 200, path);
        assert.match(text, /<title>[^<]+ · Kusk dashboard<\/title>/);
        assert.equal(text.match(/<h1[ >]/g)?.length, 1);
        const script =
          /<script src="\/assets\/[0-9a-f]{12}\.js" integrity="sha384-[\w+/]+" data-revision="[\d.]+" defer>/;
        assert.doesNotMatch(text.replace(script, ''), /<script|<style|\sstyle=/);
        assert.doesNotMatch(text, /undefined|NaN|\[object|Invalid Date/);
      }
    });
  }

  it('lead to addresses that there are', async () => {
    const { get } = setup(viewOf('on'));
    for (const path of PATHS) {
      const { text } = await get(path);
      for (const [, to = ''] of text.matchAll(/(?:href|src|action)="([^"]*)"/g)) {
        if (to.startsWith('#')) continue;
        assert.match(to, /^\/(?!\/)/);
        assert.equal((await get(to.replaceAll('&amp;', '&'))).status, 200, to);
      }
    }
  });

  const states = [
    ['on', /Telemetry is on<.*Decided by: .*ANALYTICS_ENABLED in ConfigMap/s],
    ['off by the opt-out', /Telemetry is off<.*enabled in ConfigMap kusk-gateway-opt-out is/s],
    ['off by the Deployment', /Telemetry is off<.*ANALYTICS_ENABLED of the Deployment is/s],
    ['off by DO_NOT_TRACK', /Telemetry is off<.*DO_NOT_TRACK of the Deployment is/s],
    ['off by the ConfigMap', /Telemetry is off<.*ANALYTICS_ENABLED in ConfigMap .* is/s],
    ['invalid switch', /Telemetry is off<.*Needs attention.*write true or false/s],
    ['no write key', /Telemetry is on<.*Nothing leaves now.*has no write key/s],
    ['endpoint away', /the endpoint may be away.*4,711/s],
    [
      'not installed',
      /There is no operator in this cluster.*Because .*kusk-system, nor in another/s,
    ],
    ['operator elsewhere', /It is unknown.*an operator runs in namespace gateway.*-n.*gateway/s],
    ['rights missing', /It is unknown.*You may not get configmaps/s],
    ['connecting', /Connecting to the cluster.*Nothing is known of it yet/s],
    [
      'away',
      /The cluster is away.*Since 23 Nov 2026, 11:58:00 UTC.*is as of 23 Nov 2026, 11:59:59/s,
    ],
    ['denied', /The cluster refuses your credentials.*Log in again/s],
    ['ledger damaged', /The ledger is damaged.*pill bad">damaged</s],
    ['ledger newer', /Install a newer kusk.*pill bad">newer</s],
    ['ledger missing', /the operator has not run yet/],
    ['ledger foreign', /belongs to another cluster/],
    ['ledger denied', /You may not read the ConfigMap kusk-gateway-ledger/],
  ] as const;
  for (const [name, expected] of states) {
    it(`say what is so: ${name}`, async () => {
      const { text } = await setup(viewOf(name)).get('/');
      assert.match(text, expected);
    });
  }

  it('say which kinds there are not, or may not be listed, and list the others', async () => {
    const missing = (await setup(viewOf('CRDs missing')).get('/resources')).text;
    assert.match(missing, /The cluster has no kind API\..*There are no resources/s);
    const denied = (await setup(viewOf('rights missing')).get('/resources')).text;
    assert.match(denied, /You may not list apis\.gateway\.kusk\.io.*the namespace team-0 only/s);
    assert.match(denied, /9 resources/);
  });

  it('name no leader if none is elected', async () => {
    const view = viewOf('on');
    const operator = view.telemetry.operator && { ...view.telemetry.operator, elects: false };
    const { get } = setup({ ...view, telemetry: { ...view.telemetry, operator } });
    assert.match((await get('/')).text, /Leader<\/dt><dd>none is elected/);
  });

  it('claim nothing of what an operator in another namespace has sent', async () => {
    const view = viewOf('operator elsewhere');
    const { get } = setup({ ...view, payloads: { ...view.payloads, sent: [] } });
    const { text } = await get('/');
    assert.doesNotMatch(text, />0<|>nothing</);
    assert.equal(text.match(/figure quiet">unknown</g)?.length, 2);
    assert.doesNotMatch((await get('/sent')).text, /has no payload/);
  });

  it('claim nothing of what may not be read', async () => {
    const view = viewOf('rights missing');
    const denied = { ...listed([]), state: 'denied', message: 'You may not list it.' } as const;
    const kinds = { API: denied, StaticRoute: denied, EnvoyFleet: denied };
    const { switches } = viewOf('on').telemetry;
    const absent = switches.map((one) => ({ ...one, says: 'absent', decides: false }) as const);
    const { get } = setup({ ...view, kinds, telemetry: { ...view.telemetry, switches: absent } });
    const state = (await get('/')).text;
    assert.doesNotMatch(state, />none<|>absent<|>0<|>nothing<|not set/);
    assert.equal(state.match(/figure quiet">unknown</g)?.length, 3);
    assert.match((await get('/resources')).text, /No resource can be shown/);
  });

  it('call nothing sent that the ledger does not prove', async () => {
    const view = viewOf('on');
    const telemetry = { ...view.telemetry, install: 'pending' } as const;
    const { text } = await setup({ ...view, telemetry }).get('/');
    assert.match(text, /<dt>Install event<\/dt><dd>pending: the endpoint has not acknowledged it/);
    assert.match(text, /<span>22 Nov 2026<\/span> <span class="pill good">recorded</);
    assert.doesNotMatch(text.split('id="heartbeats"')[1] ?? '', /">sent</);
  });

  for (const state of ['ok', 'missing', 'empty'] as const) {
    it(`say that there is no payload if the ledger is ${state}`, async () => {
      assert.match((await sentWithout(state)).text, /The ledger has no payload/);
    });
  }

  for (const state of ['denied', 'unread', 'newer', 'damaged', 'foreign'] as const) {
    it(`do not say whether there is a payload if the ledger is ${state}`, async () => {
      const { text } = await sentWithout(state);
      assert.match(text, /What is wrong/);
      assert.doesNotMatch(text, /The ledger has no payload/);
    });
  }

  it('show each payload as the ledger has it, the newest first, and the preview of each event', async () => {
    const view = viewOf('on');
    const shown = (text: string) =>
      [...text.matchAll(/<pre class="body"[^>]*><code><bdi>(.*?)<\/bdi>/g)].map(([, body = '']) =>
        body.replaceAll('&quot;', '"'),
      );
    const { get } = setup(view);
    const sent = (await get('/sent')).text;
    assert.deepEqual(
      shown(sent),
      view.payloads.sent.map(({ body }) => body),
    );
    const words = sent.replaceAll(/<[^>]*>/g, '');
    assert.match(words, /kusk analytics log --cluster --context production/);
    const previews = shown((await get('/preview')).text);
    assert.equal(previews.length, view.payloads.previews.length);
    assert.equal(previews.filter((body) => /"kusk-dashboard".*"session"/.test(body)).length, 1);
  });

  it('preview the exact event of the next session, which is then the one that is sent', async () => {
    const { get, sessions } = setup(viewOf('on'));
    const id = sessions.next().messageId;
    assert.ok((await get('/')).text.includes(id));
    assert.ok((await get('/preview')).text.includes(id));
    await get('/session', { 'x-kusk-session': 'a'.repeat(64) });
    assert.equal(sessions.all()[0]?.event.messageId, id);
    assert.ok((await get('/')).text.includes(id));
    assert.ok(!(await get('/preview')).text.includes(id));
  });

  for (const header of ['', 'x', 'A'.repeat(64), 'a'.repeat(65)]) {
    it(`count no session without the header of the script: ${header.slice(0, 9)}`, async () => {
      const { get, sessions } = setup(viewOf('on'));
      const { status } = await get('/session', header === '' ? {} : { 'x-kusk-session': header });
      assert.equal(status, 204);
      assert.deepEqual(sessions.all(), []);
    });
  }

  it('say why a session is not counted', async () => {
    const off = { isOn: false, decidedBy: 'DO_NOT_TRACK is "1"', endpoint: undefined };
    const cases = [
      [viewOf('on'), off, /telemetry of this machine is off, because .*DO_NOT_TRACK/],
      [viewOf('off by the opt-out'), MACHINE_ON, /not counted: telemetry of the cluster is off/],
      [viewOf('away'), MACHINE_ON, /not counted: the cluster cannot be reached/],
      [viewOf('rights missing'), MACHINE_ON, /not counted: it is unknown whether/],
      [viewOf('partial'), MACHINE_ON, /not counted: the cluster cannot be read in full/],
    ] as const;
    for (const [view, machine, expected] of cases) {
      assert.match((await setup(view, machine).get('/')).text, expected);
    }
  });

  it('load files that no cache keeps, and whose content the browser compares', async () => {
    const { get } = setup(viewOf('on'));
    const { text } = await get('/');
    const files = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"(?: integrity="([^"]+)")?/g)];
    assert.equal(files.length, 3);
    for (const [, path = '', integrity] of files) {
      const file = await get(path);
      assert.equal(file.headers.get('cache-control'), 'no-store');
      const hash = `sha384-${createHash('sha384').update(file.text).digest('base64')}`;
      assert.equal(integrity, path.endsWith('.svg') ? undefined : hash, path);
    }
  });

  const slot = slotMoment('2026-11-23', slotOf(viewOf('on').telemetry.clusterId.value ?? ''));
  const beats = [
    { title: 'before its time', ms: slot - 1, ledger: 'ok', says: /heartbeat is due at 23 Nov/ },
    {
      title: 'after its time',
      ms: slot,
      ledger: 'ok',
      says: /heartbeat is due now, if the operator/,
    },
    { title: 'without a ledger', ms: slot, ledger: 'missing', says: /heartbeat is due now/ },
    { title: 'with a ledger that may not be read', ms: slot, ledger: 'denied', says: undefined },
    { title: 'with one of a newer version', ms: slot, ledger: 'newer', says: undefined },
  ] as const;
  for (const { title, ms, ledger, says } of beats) {
    it(`say when the next heartbeat is due: ${title}`, async () => {
      const view = viewOf('on');
      const telemetry = {
        ...view.telemetry,
        heartbeats: [],
        ledger: { state: ledger, message: '' },
      };
      const text = String(await nextHeartbeat({ view: { ...view, telemetry }, nowMs: ms }));
      assert.match(text, says ?? /^$/);
    });
  }

  it('speak of the next session only, and apart from it of one that was sent', async () => {
    const { get, sessions, dashboard } = setup(viewOf('on'));
    sessions.begin('a'.repeat(64));
    dashboard.show(viewOf('off by the opt-out'));
    const { text } = await get('/');
    assert.match(text, /A session that begins now is not counted: telemetry of the cluster is off/);
    assert.match(text, /<h3>The last session<\/h3>/);
    assert.match(text, /<noscript> Without JavaScript, nothing is counted\.<\/noscript>/);
  });

  it('show 50 of 30,000 resources, in a page of less than 100 KB', async () => {
    const view = viewOf('on');
    const kinds = {
      API: listed(rows({ count: 10_000 })),
      StaticRoute: listed(rows({ kind: 'StaticRoute', count: 10_000 })),
      EnvoyFleet: listed(rows({ kind: 'EnvoyFleet', count: 10_000 })),
    };
    const { text } = await setup({ ...view, kinds }).get('/resources?page=600');
    assert.equal(text.match(/<tr data-key/g)?.length, 50);
    assert.match(text, /29,951–30,000 of 30,000 resources/);
    assert.ok(text.length < 100_000, String(text.length));
  });
});
