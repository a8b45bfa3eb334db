import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { installChdb } from '../../lab/clickhouse/install.ts';
import { SERVER as CLICKHOUSE } from '../../lab/clickhouse/start.ts';
import { ensure } from '../../lab/control-plane/ensure.ts';
import { NEEDED } from '../../lab/node/needed.ts';
import { obstacle } from '../../lab/node/obstacle.ts';
import { startNode, type WholeNode } from '../../lab/node/start.ts';
import { command } from '../../lab/support/command.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { ROOT } from '../../lab/support/root.ts';
import { NEEDED_FOR_BASE } from '../../tools/image/base.ts';
import { NEEDED as NEEDED_FOR_IMAGE } from '../../tools/image/buildah.ts';
import type { Image } from '../../tools/image/image.ts';
import { CHART, COLLECTOR_CHART, type Helm, helmOf, setting } from '../charts/helm.ts';
import { imageFor } from './image.ts';
import { runInside } from './run-inside.ts';

const startedAt = performance.now();
const log = (line: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`);

const problem = await obstacle(
  { ...NEEDED, ...NEEDED_FOR_IMAGE, ...NEEDED_FOR_BASE, jq: 'jq' },
  { env: process.env, log },
);

const HOME = 'kusk-telemetry';
const OPERATORS = 'kusk-system';
const NAME = `kusk-collector.${HOME}`;
const SIZE = '64Mi';

/** What the collector shows. */
interface Shown {
  readonly page: string;
  readonly total: Readonly<Record<string, number>>;
}

describe('both charts on a whole node', { skip: problem ?? false }, () => {
  let started: WholeNode | undefined;
  let node: WholeNode;
  let helm: Helm;
  let images: Readonly<Record<'operator' | 'collector', Omit<Image, 'base'>>>;

  before(async () => {
    const collector = await imageFor('kusk-collector', log);
    const operator = await imageFor('kusk-gateway', log);
    images = { operator, collector };
    started = await startNode({ images: [operator.archive, collector.archive], log });
    node = started;
    helm = await helmOf('helm', { kubeconfig: node.kubeconfig, folder: join(node.folder, 'helm') });
    for (const name of ['data', 'backup']) await createVolume(name);
    log('node ready');
  });
  after(() => started?.close());

  /** There is no provisioner on this node. A kubelet changes the owner of no `hostPath`. */
  async function createVolume(name: string): Promise<void> {
    const path = join(node.folder, name);
    await mkdir(path, { recursive: true });
    const [file, ...args] = node.inside('chown', ['65532:65532', path]);
    assert.equal(spawnSync(file, args).status, 0);
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, labels: { name } },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: SIZE },
        hostPath: { path },
        storageClassName: name,
      },
    };
    await node.kubectl(['apply', '-f', '-'], { input: JSON.stringify(volume) });
  }

  async function key(name: string): Promise<string> {
    const template = `go-template={{index .data "${name}" | base64decode}}`;
    return await node.kubectl(['get', 'secret', 'kusk-collector', '-n', HOME, '-o', template]);
  }

  /** Returns the address of the collector's Service. */
  async function serviceAddress(): Promise<string> {
    const service = ['get', 'service', 'kusk-collector', '-n', HOME];
    return await node.kubectl([...service, '-o', 'jsonpath={.spec.clusterIP}']);
  }

  /** Returns the address of a pod that runs. A name of its own has a pod of the StatefulSet only. */
  async function podAddress(): Promise<string> {
    const pods = ['get', 'pods', '-n', HOME, '-l', 'app.kubernetes.io/name=kusk-collector'];
    const running = '--field-selector=status.phase=Running';
    return await node.kubectl([...pods, running, '-o', 'jsonpath={.items[0].status.podIP}']);
  }

  /** Reads the page and its data on the node, which has a way to its pods. */
  async function shown(): Promise<Shown> {
    const address = await podAddress();
    const script = `
      const headers = { authorization: 'Bearer ${await key('readKey')}' };
      const read = async (path) => (await fetch('http://${address}:8090' + path, { headers })).text();
      const page = await read('/?range=7d');
      console.log(JSON.stringify({ page, ...JSON.parse(await read('/numbers.json?range=7d')) }));`;
    const [file, ...args] = node.inside(process.execPath, ['--eval', script]);
    const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout) as Shown;
  }

  it('the collector becomes ready by helm install --wait, and passes helm test', async () => {
    const { repository, tag } = images.collector;
    const values = [
      `image.repository=${repository}`,
      `image.tag=${tag}`,
      'image.pullPolicy=Never',
      'persistence.storageClass=data',
      `persistence.size=${SIZE}`,
      'backup.enabled=true',
      'backup.storageClass=backup',
      `backup.size=${SIZE}`,
    ];
    const where = ['kusk-collector', COLLECTOR_CHART, '-n', HOME, '--create-namespace'];
    const notes = await helm.run([
      'install',
      ...where,
      '--wait',
      '--timeout=2m',
      ...setting(values),
    ]);
    assert.match(notes, new RegExp(`http://${NAME}:8090 in the cluster`));
    log('collector installed');
    const server = join(import.meta.dirname, 'name-server.ts');
    const names = [node.address, `${NAME}.svc.cluster.local`, await serviceAddress()];
    await runInside(node, { args: [server, ...names] });
    await helm.run(['test', 'kusk-collector', '-n', HOME, '--timeout=2m']);
    log('helm test passed');
  });

  it('the operator sends to it as the notes say, and the page shows it', async () => {
    const { repository, tag } = images.operator;
    const values = [
      `manager.image.repository=${repository}`,
      `manager.image.tag=${tag}`,
      'manager.image.pullPolicy=Never',
      `analytics.endpoint=http://${NAME}:8090`,
      `analytics.writeKey=${await key('writeKey')}`,
    ];
    const where = ['kusk-gateway', CHART, '-n', OPERATORS, '--create-namespace'];
    await helm.run(['install', ...where, '--wait', '--timeout=2m', ...setting(values)]);
    await node.kubectl(['apply', '-f', 'deploy/samples']);
    await eventually(async () => {
      const { total, page } = await shown();
      assert.equal(total.clusterInstallations, 1);
      assert.equal(total.creations, 3);
      assert.match(page, /<h1>/);
    });
    log('the page shows the samples');
  });

  it('a backup can be made while it runs', async () => {
    const job = ['create', 'job', '--from=cronjob/kusk-collector-backup', 'backup-now', '-n', HOME];
    await node.kubectl(job);
    const complete = ['wait', 'job/backup-now', '--for=condition=complete', '--timeout=2m'];
    await node.kubectl([...complete, '-n', HOME]);
    const logs = await node.kubectl(['logs', 'job/backup-now', '-n', HOME]);
    assert.match(logs, /^\/backup\/kusk-collector-\d{8}T\d{6}Z\.db$/m);
    log(`backup ${logs.trim()}`);
  });

  it('is repaired by a rollback after an upgrade to a wrong image, with what was received', async () => {
    const where = ['kusk-collector', '-n', HOME];
    const chart = ['--reuse-values', '--set', 'image.tag=wrong', COLLECTOR_CHART];
    await helm.run(['upgrade', ...where, ...chart]);
    const pod = ['get', 'pod', 'kusk-collector-0', '-n', HOME];
    const reason = ['-o', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}'];
    await eventually(async () => {
      assert.equal(await node.kubectl([...pod, ...reason]), 'ErrImageNeverPull');
    });
    log('the wrong image does not start');
    await helm.run(['rollback', ...where, '--wait', '--timeout=2m']);
    assert.equal((await eventually(shown)).total.creations, 3);
    log('rolled back');
  });

  it('moves to ClickHouse by the commands of its README, and then runs in two pods', async () => {
    const before = (await shown()).total;
    const data = join(node.folder, 'clickhouse');
    const port = await runInside(node, {
      args: [CLICKHOUSE, await installChdb(), data, '0', node.address],
    });
    const secret = ['create', 'secret', 'generic', 'clickhouse', '--from-literal=password=any'];
    await node.kubectl([...secret, '-n', HOME]);
    const { kubectl, helm: program } = await ensure(['kubectl', 'helm'], { env: process.env, log });
    const folders = [dirname(kubectl), dirname(program), process.env.PATH];
    const env = {
      PATH: folders.join(delimiter),
      HOME: join(node.folder, 'helm'),
      KUBECONFIG: node.kubeconfig,
    };
    const [change, move] = await readmeCommands('## From SQLite to ClickHouse');
    const filled = change
      .replace('clickhouse://USER@HOST:8123/', `clickhouse://default@${node.address}:${port}/`)
      .replace('DATABASE', 'telemetry')
      .replace('SECRET', 'clickhouse');
    await command('bash', ['-c', `set -e\n${filled}`], { cwd: ROOT, env, log });
    assert.equal((await eventually(shown)).total.creations, 0);
    const moved = await command('bash', ['-c', `set -e\n${move}`], { cwd: ROOT, env, log });
    assert.match(moved, /stored/);
    const scale = ['upgrade', 'kusk-collector', COLLECTOR_CHART, '-n', HOME, '--reuse-values'];
    await helm.run([...scale, '--set', 'replicaCount=2', '--wait', '--timeout=2m']);
    assert.deepEqual((await eventually(shown)).total, before);
    log('moved to ClickHouse');
  });
});

/** Returns the blocks of shell commands below a heading of the chart's README. */
async function readmeCommands(heading: string): Promise<readonly [string, string]> {
  const readme = await readFile(join(COLLECTOR_CHART, 'README.md'), 'utf8');
  const [, section = ''] = readme.split(`${heading}\n`);
  const [change = '', move = ''] =
    section
      .split(/^## /m)[0]
      ?.matchAll(/^```sh\n(.*?)^```$/gms)
      .map(([, commands]) => commands ?? '')
      .toArray() ?? [];
  assert.match(change, /^helm upgrade/);
  assert.match(move, /kind: "Job"/);
  return [change, move];
}
