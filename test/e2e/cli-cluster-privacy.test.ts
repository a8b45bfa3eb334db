import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startEndpoint } from '../../lab/support/endpoint.ts';
import { type KuskLab, startKuskLab } from './kusk-cluster.ts';
import { startMachine } from './kusk-machine.ts';

/** In everything that a person or a cluster has named. */
const MARKER = 'zqmarker';

let lab: KuskLab;
before(async () => {
  lab = await startKuskLab();
});
after(() => lab.close());

interface NamedConfig {
  readonly clusters: readonly { readonly cluster: object }[];
  readonly users: readonly { readonly user: object }[];
}

/** Writes the admin's kubeconfig with names of our own in it, and returns its path. */
async function kubeconfig(name: string, { cluster = {}, user = {} } = {}): Promise<string> {
  const config = JSON.parse(await readFile(lab.cp.adminKubeconfig, 'utf8')) as NamedConfig;
  const path = join(lab.cp.folder, `${MARKER}-${name}`);
  const names = { cluster: `${MARKER}-cluster`, user: `${MARKER}-user` };
  const named = {
    ...config,
    clusters: [{ name: names.cluster, cluster: { ...config.clusters[0]?.cluster, ...cluster } }],
    users: [{ name: names.user, user: { ...config.users[0]?.user, ...user } }],
    contexts: [{ name: `${MARKER}-context`, context: names }],
    'current-context': `${MARKER}-context`,
  };
  await writeFile(path, JSON.stringify(named), { mode: 0o600 });
  return path;
}

const SETTINGS = [
  ...['--image', `${MARKER}.example/${MARKER}:1`, '--endpoint', `https://${MARKER}.example`],
  ...['--write-key', `${MARKER}-key`, '--context', `${MARKER}-context`, '-n', `${MARKER}-ns`],
];

describe('a command that speaks to a cluster', () => {
  it('leaves nothing of arguments, paths, contexts, names and errors in any request or file', async (t) => {
    const endpoint = await startEndpoint();
    t.after(() => endpoint.close());
    const machine = startMachine(t, { program: lab.program, endpoint: endpoint.url });
    await machine.seeNotice();
    const admin = await kubeconfig('admin');
    const runs = [
      { args: ['cluster', 'install', '--dry-run', ...SETTINGS], config: admin, code: 0 },
      { args: ['cluster', 'upgrade', '-n', `${MARKER}-ns`], config: admin, code: 1 },
      { args: ['cluster', 'uninstall', '-y', '-n', `${MARKER}-ns`], config: admin, code: 0 },
      { args: ['cluster', 'install', '--context', `${MARKER}-other`], config: admin, code: 3 },
      {
        args: ['cluster', 'install', '-n', `${MARKER}-ns`],
        config: await kubeconfig('person', { user: { as: `${MARKER}-person` } }),
        code: 3,
      },
      {
        args: ['cluster', 'install'],
        config: await kubeconfig('away', { cluster: { server: `https://127.0.0.1:1/${MARKER}` } }),
        code: 3,
      },
      { args: ['cluster', 'install'], config: `${MARKER}-missing`, code: 3 },
      { args: ['cluster', 'install', `--${MARKER}`], config: admin, code: 2 },
    ];
    for (const { args, config, code } of runs) {
      const ran = await machine.run({ args, env: { KUBECONFIG: config } });
      assert.equal(ran.code, code, `${args.join(' ')}: ${ran.err}`);
      assert.ok(`${ran.out}${ran.err}`.includes(MARKER), `${args.join(' ')}: ${ran.out}${ran.err}`);
    }
    await machine.sent();

    const requests = endpoint.arrivals.map(
      ({ path, headers, body }) => `${path} ${JSON.stringify(headers)} ${body}`,
    );
    const files = ['.', 'spool', 'sent'].flatMap((inner) =>
      machine.names(inner).flatMap((name) => [name, ...textOf(machine, join(inner, name))]),
    );
    const { out } = await machine.run({ args: ['analytics', 'log'] });
    const everything = [...requests, ...files, out].join('\n');
    for (const name of ['install', 'cluster install', 'cluster upgrade', 'cluster uninstall']) {
      assert.ok(everything.includes(`"event":"${name}"`), name);
    }
    for (const word of [MARKER, machine.home, lab.cp.folder, 'ECONNREFUSED', '127.0.0.1:1/']) {
      assert.ok(!everything.includes(word), word);
    }
  });
});

/** Returns the text of a file of the state, or nothing for a folder. */
function textOf(machine: ReturnType<typeof startMachine>, name: string): readonly string[] {
  return ['spool', 'sent'].includes(name) ? [] : [machine.read(name)];
}
