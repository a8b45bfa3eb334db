import assert from 'node:assert/strict';
import { hostname, release } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { type ApiProxy, startApiProxy } from '../../lab/support/api-proxy.ts';
import { eventually } from '../../lab/support/eventually.ts';
import type { KubeObject } from '../../lab/support/kube-client.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { ledgerAccess } from '../../lab/support/ledger.ts';
import { LEDGER, type Site } from '../../lab/support/site.ts';

/** Is in everything that a user has written, and so must be in nothing that the operator writes. */
const MARKER = 'zqmarker';
const IN_SPEC = `${MARKER}spec`;
const IN_NAME = `${MARKER}name`;
const NAMESPACE = `${MARKER}namespace`;
const GROUP = '/apis/gateway.kusk.io/v1alpha1';
const COLLECTIONS = ['apis', 'staticroutes', 'envoyfleets'];
const WRITE_KEY = 'a-secret-write-key';
const KINDS = { apis: 'API', staticroutes: 'StaticRoute', envoyfleets: 'EnvoyFleet' };
const SPECS = {
  apis: { spec: `openapi: 3.0.0\ninfo: {title: ${IN_SPEC}}` },
  staticroutes: { hosts: [IN_SPEC], auth: { [IN_SPEC]: IN_SPEC } },
  envoyfleets: { service: { type: 'ClusterIP', ports: [] }, image: IN_SPEC },
};

/** Everything that the operator has let out of its hands, by where it went. */
interface Traces {
  readonly requests: readonly string[];
  readonly bodies: readonly string[];
  readonly headers: readonly Readonly<Record<string, unknown>>[];
  readonly log: string;
  readonly metrics: string;
  readonly ledger: string;
  readonly lease: string;
}

let lab: Lab;
let proxy: ApiProxy;
let site: Site;
let traces: Traces;
let created: readonly KubeObject[];
let kubeSystemUid: string;
let updates = 0;

before(async () => {
  lab = await startLab({ namespaces: [NAMESPACE] });
  proxy = await startApiProxy(lab.cp);
  site = await lab.site('privacy');
  const kubeSystem = await lab.client.must('GET', '/api/v1/namespaces/kube-system');
  kubeSystemUid = kubeSystem.metadata.uid;
  ({ traces, created } = await live());
});
after(async () => {
  await site[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await lab.close();
});

/** Creates, updates and deletes resources under an operator that logs all it can. */
async function live() {
  const env = { LOG_LEVEL: 'trace', ANALYTICS_WRITE_KEY: WRITE_KEY };
  const start = async () => await site.start({ kubeconfig: await proxy.kubeconfig(), env });
  const first = await start();
  await first.ready();
  const objects = await Promise.all(COLLECTIONS.map(create));
  await told(1);
  await trouble();
  for (const plural of COLLECTIONS) {
    await lab.client.must('DELETE', `${pathOf(plural)}/${IN_NAME}`);
  }
  objects.push(...(await Promise.all(COLLECTIONS.map(create))));
  await told(2);
  const metrics = [await textOf(first.metricsUrl)];
  assert.equal(await first.stop(), 0);

  const second = await start();
  await second.ready();
  for (const plural of COLLECTIONS) {
    await lab.client.must('DELETE', `${pathOf(plural)}/${IN_NAME}`);
  }
  objects.push(...(await Promise.all(COLLECTIONS.map(create))));
  await told(3);
  metrics.push(await textOf(second.metricsUrl));
  assert.equal(await second.stop(), 0);

  const { arrivals } = site.endpoint;
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${site.namespace}/leases`;
  const found: Traces = {
    requests: arrivals.map(({ path }) => path),
    bodies: arrivals.map(({ body }) => body),
    headers: arrivals.map(({ headers }) => headers),
    log: first.output() + second.output(),
    metrics: metrics.join(''),
    ledger: JSON.stringify(await ledgerAccess(lab.client, site.namespace).map()),
    lease: JSON.stringify(await lab.client.must('GET', `${lease}/kusk-gateway-manager`)),
  };
  return { traces: found, created: objects };
}

const pathOf = (plural: string) => `${GROUP}/namespaces/${NAMESPACE}/${plural}`;
const textOf = async (url: string) => await (await fetch(url)).text();

async function create(plural: string): Promise<KubeObject> {
  const key = plural as keyof typeof SPECS;
  const note = { [`${MARKER}.example/key`]: `${MARKER}value` };
  return await lab.client.must('POST', `${pathOf(plural)}?fieldManager=${MARKER}manager`, {
    apiVersion: 'gateway.kusk.io/v1alpha1',
    kind: KINDS[key],
    metadata: { name: IN_NAME, labels: note, annotations: note },
    spec: SPECS[key],
  });
}

async function update(plural: string): Promise<void> {
  const one = `${pathOf(plural)}/${IN_NAME}`;
  updates += 1;
  const labels = { [`${MARKER}.example/more`]: `${MARKER}more${updates}` };
  await lab.client.must('PATCH', `${one}?fieldManager=${MARKER}other`, {
    metadata: { labels, annotations: labels },
    spec: { [IN_SPEC]: IN_SPEC },
  });
  await lab.client.must('PATCH', `${one}/status`, { status: { [IN_SPEC]: IN_SPEC } });
}

/** Errors reveal much: each kind of them, with a user's words in it. */
async function trouble(): Promise<void> {
  const message = `${GROUP}/${IN_NAME} in ${NAMESPACE} is forbidden: ${IN_SPEC}`;
  const details = { name: IN_NAME, kind: NAMESPACE };
  const isOurs = (url: string) => url.startsWith(`${GROUP}/`);
  const isWatch = (url: string) => isOurs(url) && url.includes('watch=true');
  await watching();
  const faults = [
    { status: 500, reason: 'InternalError', hits: isOurs },
    { status: 403, reason: 'Forbidden', hits: isOurs },
    { status: 429, reason: 'TooManyRequests', hits: isOurs },
    // The kinds are listed after it.
    { status: 410, reason: 'Expired', hits: isWatch },
  ];
  for (const { status, reason, hits } of faults) {
    const body = JSON.stringify({ kind: 'Status', code: status, reason, message, details });
    const seen = proxy.exchanges.length;
    proxy.fail(({ url }) => (hits(url) ? { status, body } : undefined));
    // Ended, not cut: so that it is the refusal of which the log speaks.
    for (const watch of proxy.watches()) watch.end();
    await eventually(() => {
      const failed = proxy.exchanges.slice(seen).filter((exchange) => exchange.status === status);
      assert.equal(new Set(failed.map(({ url }) => url.split('?')[0])).size, COLLECTIONS.length);
    });
    proxy.mend();
    await watching();
  }
  for (const line of [message, `{"type":"ADDED","object":{"metadata":{"name":"${IN_NAME}"}}}`]) {
    for (const watch of proxy.watches()) watch.inject(`${line}\n`);
    await watching();
  }
}

/** Resolves once all kinds are watched again, and shows that the API server is well. */
async function watching(): Promise<void> {
  await eventually(() => {
    const open = proxy.watches().map(({ url }) => url.split('?')[0]);
    assert.equal(new Set(open).size, COLLECTIONS.length);
  });
  for (const plural of COLLECTIONS) await update(plural);
}

/** Resolves once so many creations of each kind were sent. */
async function told(times: number): Promise<void> {
  await eventually(() => {
    const names = site.endpoint.accepted.map(({ properties }) => properties.event);
    const creations = names.filter((name) => name.endsWith('-created'));
    assert.equal(creations.length, times * COLLECTIONS.length);
  });
}

/** All texts, by where they were found. */
function everywhere(): readonly (readonly [string, string])[] {
  const { requests, bodies, headers, log, metrics, ledger, lease } = traces;
  return [
    ['a request', requests.join('\n')],
    ['a body', bodies.join('\n')],
    ['a header', JSON.stringify(headers)],
    ['the log', log],
    ['the metrics', metrics],
    ['the ledger', ledger],
    ['the Lease', lease],
  ];
}

function assertNowhere(words: readonly string[], except: readonly string[] = []): void {
  const places = everywhere().filter(([place]) => !except.includes(place));
  for (const word of words) {
    const found = places.filter(([, text]) => text.toLowerCase().includes(word.toLowerCase()));
    assert.deepEqual(
      found.map(([place]) => `${word} is in ${place}`),
      [],
    );
  }
}

describe('what a user has written', () => {
  it('is in nothing that the operator writes, at log level trace and in trouble', () => {
    assert.match(traces.log, /"reason":"answered 500 InternalError"/);
    assert.match(traces.log, /"reason":"answered 403 Forbidden"/);
    assert.match(traces.log, /"reason":"sent /);
    assertNowhere([MARKER]);
  });

  it('is in the objects, also in what Kubernetes notes of them', () => {
    const text = JSON.stringify(created);
    assert.equal(created.length, 9);
    for (const word of [IN_SPEC, IN_NAME, NAMESPACE, `f:${MARKER}`, `${MARKER}manager`]) {
      assert.ok(text.includes(word), word);
    }
  });
});

describe('what distinguishes one resource or cluster from another', () => {
  it('is nowhere but in the ledger, where UIDs are kept', () => {
    const uids = [...created.map(({ metadata }) => metadata.uid), kubeSystemUid];
    const forms = uids.flatMap((uid) => [
      uid,
      uid.replaceAll('-', ''),
      Buffer.from(uid.replaceAll('-', ''), 'hex').toString('base64url'),
    ]);
    assertNowhere(forms, ['the ledger']);
    assertNowhere([kubeSystemUid]);
  });
});

describe('the write key', () => {
  it('is nowhere but in the requests to the endpoint', () => {
    const credentials = Buffer.from(`${WRITE_KEY}:`).toString('base64').replace(/=+$/, '');
    assert.ok(traces.bodies.every((body) => body.includes(WRITE_KEY)));
    assertNowhere([WRITE_KEY, credentials], ['a header', 'a body']);
  });
});

describe('a request to the endpoint', () => {
  it('has just the headers that it needs', () => {
    const credentials = Buffer.from(`${WRITE_KEY}:`).toString('base64');
    for (const { host, 'content-length': length, ...rest } of traces.headers) {
      assert.equal(host, new URL(site.endpoint.url).host);
      assert.match(String(length), /^\d+$/);
      assert.deepEqual(rest, {
        accept: 'application/json',
        'accept-encoding': 'identity',
        authorization: `Basic ${credentials}`,
        connection: 'keep-alive',
        'content-type': 'application/json',
        'user-agent': 'kusk-gateway-telemetry',
      });
    }
  });

  it('has nothing of the machine, of Node or of Kubernetes', async () => {
    const { gitVersion } = JSON.parse(await lab.cp.kubectl(['get', '--raw', '/version']));
    const machine = [hostname(), release(), process.version, process.versions.node, gitVersion];
    const words = [...machine, 'kusk-gateway-manager', site.namespace];
    assertNowhere(words, ['the log', 'the metrics', 'the ledger', 'the Lease']);
  });
});

describe('the API server', () => {
  const ofCollections = () => {
    const paths = new Set(COLLECTIONS.map((plural) => `${GROUP}/${plural}`));
    return proxy.exchanges.filter(({ url }) => paths.has(url.split('?')[0] ?? ''));
  };

  it('is asked for metadata only', () => {
    const watches = ofCollections().filter(({ url }) => url.includes('watch=true'));
    const lists = ofCollections().filter(({ url }) => !url.includes('watch=true'));
    const accepted = (exchanges: typeof lists) => [
      ...new Set(exchanges.map(({ headers }) => headers.accept)),
    ];
    assert.deepEqual(accepted(watches), [
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    ]);
    const list = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const [protobuf, json] = [
      `application/vnd.kubernetes.protobuf;${list}`,
      `application/json;${list}`,
    ];
    assert.ok(accepted(lists).includes(`${protobuf},${json}`));
    for (const accept of accepted(lists)) {
      for (const one of String(accept).split(',')) assert.ok([protobuf, json].includes(one), one);
    }
  });

  it('contains neither spec nor status', () => {
    const bodies = ofCollections()
      .filter(({ status }) => status === 200)
      .map(({ body }) => body);
    assert.ok(
      bodies.some((body) => body.includes(IN_NAME)),
      'the answers are seen',
    );
    assert.deepEqual(
      bodies.filter((body) => new RegExp(`"${IN_SPEC}|"(spec|status)":`).test(body)),
      [],
    );
    const inProtobuf = bodies.filter((body) => body.startsWith('k8s\0'));
    assert.ok(inProtobuf.length > 0, 'lists are in protobuf');
    for (const body of inProtobuf) {
      assert.match(body, /^k8s\0.{0,40}PartialObjectMetadataList/s);
      // Managed fields name the fields of a spec, but hold none of its values.
      assert.ok(!body.replaceAll(`f:${IN_SPEC}`, '').includes(IN_SPEC), body);
    }
  });

  it('gets requests only for what is counted', () => {
    const namespaced = `/namespaces/${site.namespace}`;
    const maps = `/api/v1${namespaced}/configmaps`;
    const leases = `/apis/coordination.k8s.io/v1${namespaced}/leases`;
    const asked = new Set(
      proxy.exchanges.map(({ method, url }) => `${method} ${url.split('?')[0]}`),
    );
    const allowed = new Set([
      // Which versions are served.
      'GET /apis/gateway.kusk.io',
      `GET ${GROUP}`,
      ...COLLECTIONS.map((plural) => `GET ${GROUP}/${plural}`),
      'GET /api/v1/namespaces/kube-system',
      ...[`GET ${maps}/${LEDGER}`, `PUT ${maps}/${LEDGER}`, `POST ${maps}`],
      ...['GET', 'PUT'].map((method) => `${method} ${leases}/kusk-gateway-manager`),
      `POST ${leases}`,
    ]);
    assert.deepEqual([...asked.difference(allowed)], []);
  });
});
