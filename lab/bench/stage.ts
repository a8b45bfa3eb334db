import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { buildInto } from '../support/build.ts';
import { command } from '../support/command.ts';
import { startEndpoint } from '../support/endpoint.ts';
import { eventually } from '../support/eventually.ts';
import { nodeFlags } from '../support/image-flags.ts';
import { inParallel } from '../support/in-parallel.ts';
import { startLab } from '../support/lab.ts';
import { type Operator, type OperatorOptions, startOperator } from '../support/operator.ts';
import { LEDGER } from '../support/site.ts';
import { NOTE_REQUESTS } from './audit.ts';
import { type Child, startChild } from './child.ts';

/** As in the image. */
export const FLAGS = nodeFlags();
const NAMESPACE = 'kusk-system';
/** The path of the APIs that are created here. */
export const APIS = '/apis/gateway.kusk.io/v1alpha1/namespaces/users/apis';
const LEDGER_PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps/${LEDGER}`;
const POLL_MS = 5;

/** A control plane with what is measured on it. */
export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Opens one. `clientGo` is the path of the program of `lab/bench/go`, where it is needed. */
export async function openStage({ clientGo = '' }: { readonly clientGo?: string | undefined }) {
  const lab = await startLab({
    namespaces: ['users'],
    controlPlane: { ...NOTE_REQUESTS, controllers: true },
  });
  const endpoint = await startEndpoint();
  const folder = await mkdtemp(join(tmpdir(), 'kusk-bench-'));
  const program = await buildInto(folder, { name: 'kusk-gateway' });
  const compiled = { NODE_COMPILE_CACHE: join(folder, 'compiled') };
  await command(process.execPath, [...FLAGS, program, '--help'], {
    env: { ...process.env, ...compiled },
  });
  const kubeconfig = lab.cp.operatorKubeconfig;

  /** Starts the operator as the image does, or from its source. */
  const start = (how: Partial<OperatorOptions> = {}): Promise<Operator> =>
    startOperator({
      kubeconfig,
      namespace: NAMESPACE,
      endpoint: endpoint.url,
      nodeArgs: FLAGS,
      program,
      env: compiled,
      ...how,
    });

  async function bareList(): Promise<Child> {
    const { cert, key } = lab.cp.authority.issue({
      commonName: 'admin',
      organizations: ['system:masters'],
    });
    const files = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(files[0] ?? '', cert);
    await writeFile(files[1] ?? '', key, { mode: 0o600 });
    const script = join(import.meta.dirname, 'bare-list.ts');
    return startChild(process.execPath, [script, lab.cp.server, lab.cp.caFile, ...files]);
  }

  return {
    lab,
    endpoint,
    folder,
    start,
    bareList,
    /** Starts client-go in one of its modes. */
    clientGo: (mode: string, to = kubeconfig, namespace = NAMESPACE): Child =>
      startChild(clientGo, [mode, to, namespace]),
    /**
     * Makes the next operator list everything and send nothing of it: telemetry was off in between. At
     * its first start it would list nothing, since it watches from the moment of the ledger.
     */
    async forget(): Promise<void> {
      for (const enabled of ['true', 'false']) {
        const env = { ...compiled, ANALYTICS_ENABLED: enabled };
        await using operator = await start({ env });
        await readyAt(operator);
        await eventually(async () => {
          const { data = {} } = await lab.client.must('GET', LEDGER_PATH);
          const isOff = /"consent": ?"off"/.test(Object.values(data).join());
          assert.equal(isOff, enabled === 'false');
        });
        await operator.stop();
      }
    },
    /** Creates APIs of so many bytes. */
    async fill(names: readonly string[], bytes: number): Promise<void> {
      const spec = { spec: 'x'.repeat(bytes) };
      await inParallel(names, async (name) => {
        const apiVersion = 'gateway.kusk.io/v1alpha1';
        await lab.client.must('POST', APIS, { apiVersion, kind: 'API', metadata: { name }, spec });
      });
    },
    /** Resolves once the endpoint has accepted so many messages, looked at each 5 ms. */
    async accepted(count: number): Promise<void> {
      while (endpoint.accepted.length < count) await setTimeout(POLL_MS);
    },
    async close(): Promise<void> {
      await endpoint.close();
      await lab.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Requests `/readyz` each 5 ms. Resolves at the first 200, with the time since the epoch. */
export async function readyAt({ healthUrl }: Operator): Promise<number> {
  for (;;) {
    const status = await fetch(`${healthUrl}/readyz`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return Date.now();
    await setTimeout(POLL_MS);
  }
}

/** So many names that sort as they are numbered. */
export function names(prefix: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => `${prefix}-${from + index}`);
}
