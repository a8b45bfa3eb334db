import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { connect } from '../../src/cluster/connect.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { loadKubeConfig } from '../../src/cluster/kubeconfig.ts';
import { listening } from '../deliver/servers.ts';

const signal = new AbortController().signal;

function configOf(server: string, user: object = {}) {
  return {
    'current-context': 'one',
    clusters: [{ name: 'one', cluster: { server } }],
    users: [{ name: 'one', user }],
    contexts: ['one', 'two'].map((name) => ({
      name,
      context: { cluster: 'one', user: 'one', namespace: name },
    })),
  };
}

async function setup(t: TestContext, config: object | string, name = 'config') {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  t.after(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, name);
  await writeFile(kubeconfig, typeof config === 'string' ? config : JSON.stringify(config));
  return { kubeconfig };
}

/** An API server that records requests and responds with this status and body. */
async function apiServer(t: TestContext, status = 200, body: object = {}) {
  const received: {
    method: string | undefined;
    headers: http.IncomingHttpHeaders;
    raw: string[];
  }[] = [];
  const server = http.createServer(({ method, headers, rawHeaders }, response) => {
    received.push({ method, headers, raw: rawHeaders });
    response.writeHead(status).end(JSON.stringify(body));
  });
  const { url } = await listening(server, t);
  return { received, server: url.href };
}

describe('the context', () => {
  it('may be another than the current one', async (t) => {
    const { kubeconfig } = await setup(t, configOf('http://one.example'));
    const connection = connect({ kubeconfig, context: 'two' });
    t.after(() => connection.close());
    assert.equal(connection.namespace, 'two');
    assert.equal(connection.server, 'http://one.example');
  });

  it('that does not exist is refused with those that do', async (t) => {
    const { kubeconfig } = await setup(t, configOf('http://one.example'));
    assert.throws(() => loadKubeConfig({ kubeconfig, context: 'three' }), {
      message: 'the kubeconfig has no context three: write one of one, two',
    });
  });
});

describe('a file with a colon in its name', () => {
  for (const introducedAs of ['--kubeconfig names', 'the default kubeconfig is'] as const) {
    it(`is one file: ${introducedAs} it`, async (t) => {
      const { kubeconfig } = await setup(t, configOf('http://one.example'), `a${delimiter}b.yaml`);
      assert.equal(
        loadKubeConfig({ kubeconfig, introducedAs }).getCurrentCluster()?.server,
        'http://one.example',
      );
    });
  }
});

describe('a hostile kubeconfig', () => {
  const levels = Array.from({ length: 12 }, (_, level) => level);
  const bomb = levels.map((level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}]`);
  const cases = [
    { title: 'multiplies itself by aliases', text: `l0: &l0 [lol]\n${bomb.join('\n')}\n` },
    { title: 'is nested a million deep', text: '['.repeat(1_000_000) },
    { title: 'has more characters than any kubeconfig', text: `# ${'x'.repeat(5_000_000)}` },
    { title: 'is a text', text: 'hello' },
  ];
  for (const { title, text } of cases) {
    it(`that ${title} is refused, under the name by which it was given`, async (t) => {
      const { kubeconfig } = await setup(t, text);
      assert.throws(
        () => loadKubeConfig({ kubeconfig, introducedAs: '--kubeconfig names' }),
        /^Error: --kubeconfig names .*config, which cannot be read \(it is not a kubeconfig in YAML\)$/,
      );
    });
  }
});

describe('a request', () => {
  it('impersonates as the kubeconfig says', async (t) => {
    const { received, server } = await apiServer(t);
    const user = {
      as: 'jane',
      'as-uid': '7',
      'as-groups': ['devs', 'ops'],
      'as-user-extra': { 'example.com/why': ['review'] },
    };
    const { kubeconfig } = await setup(t, configOf(server, user));
    const connection = connect({ kubeconfig, userAgent: 'kusk' });
    t.after(() => connection.close());
    await (await connection.request('/', { signal })).body.dump();
    const { headers = {}, raw = [] } = received[0] ?? {};
    assert.equal(headers['impersonate-user'], 'jane');
    assert.equal(headers['impersonate-uid'], '7');
    assert.equal(headers['impersonate-extra-example.com%2fwhy'], 'review');
    assert.equal(headers['user-agent'], 'kusk');
    const groups = raw.filter((_, index) => raw[index - 1]?.toLowerCase() === 'impersonate-group');
    assert.deepEqual(groups, ['devs', 'ops']);
  });

  it('leaves each address of a name the time that a distant one needs', async (t) => {
    const { server } = await apiServer(t);
    const { kubeconfig } = await setup(t, configOf(server));
    const connecting = t.mock.method(net, 'connect');
    const connection = connect({ kubeconfig });
    t.after(() => connection.close());
    await (await connection.request('/', { signal })).body.dump();
    const [options] = connecting.mock.calls[0]?.arguments ?? [];
    assert.equal(Reflect.get(Object(options), 'autoSelectFamilyAttemptTimeout'), 1_000);
  });

  for (const [method, contentType] of [
    ['PATCH', 'application/apply-patch+yaml'],
    ['DELETE', 'application/json'],
  ] as const) {
    it(`may be a ${method} with a body of ${contentType}`, async (t) => {
      const { received, server } = await apiServer(t);
      const { kubeconfig } = await setup(t, configOf(server));
      const connection = connect({ kubeconfig });
      t.after(() => connection.close());
      const body = { apiVersion: 'v1' };
      const options = { method, body, contentType, signal };
      await (await connection.request('/', options)).body.dump();
      assert.equal(received[0]?.method, method);
      assert.equal(received[0]?.headers['content-type'], contentType);
    });
  }

  it('that is refused has an explanation for a person, which no log shows', async (t) => {
    const causes = [{ reason: 'FieldManagerConflict', message: 'by "x"', field: '.spec.replicas' }];
    const body = { reason: 'Conflict', message: 'secret-name', details: { causes } };
    const { server } = await apiServer(t, 409, body);
    const { kubeconfig } = await setup(t, configOf(server));
    const connection = connect({ kubeconfig });
    t.after(() => connection.close());
    const error = await connection.request('/', { signal }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof KubeStatusError);
    assert.deepEqual(error.explain(), {
      message: 'secret-name',
      causes: [{ field: '.spec.replicas', message: 'by "x"' }],
    });
    assert.doesNotMatch(`${inspect(error)}${JSON.stringify(error)}`, /secret-name/);
  });
});
