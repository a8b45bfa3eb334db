import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane/start.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { ROOT } from '../../lab/support/root.ts';

const READY_MS = 5_000;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** More than an API server writes by itself when it starts. */
const LATE = 100;

function configMap(name: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
}

/** What the admin gets for a path. */
async function get(controlPlane: ControlPlane, path: string) {
  const { authority, server } = controlPlane;
  const user = authority.issue({ commonName: 'test', organizations: ['system:masters'] });
  const options = { ca: authority.cert, cert: user.cert, key: user.key, agent: false } as const;
  const [response] = await once(request(`${server}${path}`, options).end(), 'response');
  return { status: response.statusCode, body: JSON.parse(await text(response)) };
}

/** The processes that were given a path below the folder, by their command lines. */
function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').includes(folder);
      } catch {
        return false;
      }
    });
}

describe('a control plane', { timeout: 120_000 }, () => {
  let controlPlane: ControlPlane;
  let readyMs: number;
  before(async () => {
    const startedAt = performance.now();
    controlPlane = await startControlPlane({ audit: true });
    readyMs = performance.now() - startedAt;
  });
  after(() => controlPlane.close());

  it('is ready, and reports how soon', (test) => {
    test.diagnostic(`ready after ${Math.round(readyMs)} ms; ${READY_MS} ms is what we want`);
    assert.ok(controlPlane.server);
  });

  it('is of the version that go.mod pins, and says so', async () => {
    const { serverVersion } = JSON.parse(await controlPlane.kubectl(['version', '-o', 'json']));
    assert.match(serverVersion.gitVersion, /^v1\.36\.\d+$/);
    assert.equal(`${serverVersion.major}.${serverVersion.minor}`, '1.36');
  });

  it('has a controller manager: the objects of a deleted namespace go with it', async () => {
    await controlPlane.kubectl(['create', 'namespace', 'doomed']);
    await controlPlane.kubectl(['create', 'configmap', 'c', '-n', 'doomed']);
    await controlPlane.kubectl(['delete', 'namespace', 'doomed', '--timeout=30s']);
    assert.equal((await get(controlPlane, '/api/v1/namespaces/doomed')).status, 404);
  });

  it('returns the output of kubectl, takes input, and rejects with its error', async () => {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'from-input' } };
    const input = JSON.stringify(manifest);
    const out = await controlPlane.kubectl(['apply', '-f', '-'], { input });
    assert.equal(out, 'configmap/from-input created\n');
    await assert.rejects(controlPlane.kubectl(['get', 'nonsense']), /doesn't have a resource type/);
  });

  const rights = [
    { may: true, does: ['get', 'namespace', 'kube-system'] },
    { may: false, does: ['get', 'namespace', 'default'] },
    { may: false, does: ['get', 'pods', '-A'] },
    { may: false, does: ['get', 'configmaps', '-n', 'kusk-system'] },
    { may: false, does: ['create', 'configmap', 'c', '-n', 'default'] },
  ];
  for (const { may, does } of rights) {
    it(`${may ? 'lets' : 'does not let'} the operator ${does.join(' ')}`, async () => {
      const kubeconfig = controlPlane.operatorKubeconfig;
      const done = controlPlane.kubectl(does, { kubeconfig });
      if (may) await done;
      else await assert.rejects(done, /Forbidden|forbidden/);
    });
  }

  it('grants a service account what a manifest says', async () => {
    const kubeconfig = await controlPlane.kubeconfigFor({ name: 'reader', namespace: 'team' });
    const seesPods = () => controlPlane.kubectl(['get', 'pods', '-n', 'team'], { kubeconfig });
    await assert.rejects(seesPods(), /forbidden/);
    const rbac = 'rbac.authorization.k8s.io';
    await controlPlane.kubectl(['create', 'namespace', 'team']);
    await controlPlane.kubectl(['apply', '-f', '-'], {
      input: JSON.stringify({
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'readers', namespace: 'team' },
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'team' }],
      }),
    });
    assert.equal(await seesPods(), '');
  });

  it('keeps its objects and its address over a restart of the API server', async () => {
    const { body } = await get(controlPlane, '/api/v1/namespaces/kube-system');
    await controlPlane.restartApiServer();
    const again = await get(controlPlane, '/api/v1/namespaces/kube-system');
    assert.equal(again.body.metadata.uid, body.metadata.uid);
  });

  it('keeps its objects over a restart of etcd', async () => {
    const { body } = await get(controlPlane, '/api/v1/namespaces/kube-system');
    await controlPlane.restartEtcd();
    await eventually(async () => {
      const again = await get(controlPlane, '/api/v1/namespaces/kube-system');
      assert.equal(again.body.metadata?.uid, body.metadata.uid);
    });
  });

  it('goes back to a backup of etcd, with the UIDs and resourceVersions of then', async () => {
    await controlPlane.kubectl(['create', 'configmap', 'backed-up']);
    const backup = await controlPlane.backUpEtcd();
    const before = await eventually(() => get(controlPlane, `${CONFIG_MAPS}/backed-up`));
    const items = Array.from({ length: LATE }, (_, index) => configMap(`too-late-${index}`));
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await controlPlane.kubectl(['create', '-f', '-'], { input });
    const late = await get(controlPlane, `${CONFIG_MAPS}/too-late-${LATE - 1}`);

    await controlPlane.restoreEtcd(backup);
    const after = await get(controlPlane, `${CONFIG_MAPS}/backed-up`);
    assert.deepEqual(after.body, before.body);
    assert.equal((await get(controlPlane, `${CONFIG_MAPS}/too-late-0`)).status, 404);
    const { body: list } = await get(controlPlane, CONFIG_MAPS);
    const revision = (object: typeof list) => Number(object.metadata.resourceVersion);
    assert.ok(revision(list) < revision(late.body), 'resourceVersions went backwards');
  });

  it('refuses connections while the API server is stopped', async () => {
    await controlPlane.stopApiServer('SIGKILL');
    await assert.rejects(get(controlPlane, '/readyz'), { code: 'ECONNREFUSED' });
    await controlPlane.startApiServer();
    assert.equal((await get(controlPlane, CONFIG_MAPS)).status, 200);
  });

  it('responds to a list from a compacted revision with a real 410', async () => {
    const { body } = await get(controlPlane, CONFIG_MAPS);
    const old = body.metadata.resourceVersion;
    await controlPlane.kubectl(['create', 'configmap', 'later']);
    assert.ok((await controlPlane.expireWatches()) > Number(old));
    const list = `${CONFIG_MAPS}?resourceVersion=${old}&resourceVersionMatch=Exact`;
    assert.equal((await get(controlPlane, list)).status, 410);
    const watch = await get(
      controlPlane,
      `${CONFIG_MAPS}?watch=true&resourceVersion=${old}&timeoutSeconds=5`,
    );
    assert.equal(watch.body.type, 'ERROR');
    assert.equal(watch.body.object.code, 410);
  });

  it('has a folder that only its user can enter', () => {
    assert.equal(statSync(controlPlane.folder).mode & 0o777, 0o700);
    assert.equal(statSync(controlPlane.adminKubeconfig).mode & 0o777, 0o600);
  });
});

describe('the end of a control plane', {
  timeout: 240_000,
  skip: !existsSync('/proc/self/cmdline') && 'no /proc',
}, () => {
  it('leaves no process and no file when it is closed', async () => {
    const controlPlane = await startControlPlane({ rights: null });
    assert.equal(processesOf(controlPlane.folder).length, 3);
    await controlPlane.close();
    assert.deepEqual(processesOf(controlPlane.folder), []);
    assert.equal(existsSync(controlPlane.folder), false);
    await assert.rejects(controlPlane.restartApiServer(), /closed/);
  });

  it('leaves nothing when its signal is aborted while it starts', async () => {
    const signal = AbortSignal.timeout(1_000);
    await assert.rejects(startControlPlane({ signal, rights: null }), { name: 'TimeoutError' });
  });

  it('leaves nothing when the API server cannot start, and says why', async () => {
    const apiserverArgs = ['--no-such-flag'];
    await assert.rejects(startControlPlane({ apiserverArgs }), /unknown flag: --no-such-flag/);
  });

  /** `main.ts` as a process of its own, once it has said where it is. */
  async function startMain() {
    const main = spawn(process.execPath, [join(ROOT, 'lab/control-plane/main.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: main.stdout }), 'line');
    const { kubeconfig } = JSON.parse(line);
    return { main, folder: join(kubeconfig, '..') };
  }

  const ends = [
    { title: 'killed by SIGKILL', end: (main: ReturnType<typeof spawn>) => main.kill('SIGKILL') },
    { title: 'interrupted', end: (main: ReturnType<typeof spawn>) => main.kill('SIGINT') },
    {
      title: 'deserted by who held its standard input',
      end: (main: ReturnType<typeof spawn>) => main.stdin?.end(),
    },
  ];
  for (const { title, end } of ends) {
    it(`leaves nothing when its process is ${title}`, async () => {
      const { main, folder } = await startMain();
      assert.equal(processesOf(folder).length, 3);
      end(main);
      await once(main, 'exit');
      while (existsSync(folder) || processesOf(folder).length > 0) await new Promise(setImmediate);
    });
  }
});
