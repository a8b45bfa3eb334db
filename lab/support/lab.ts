import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { KINDS } from '../../src/event.ts';
import { type ControlPlaneOptions, startControlPlane } from '../control-plane/start.ts';
import { applyManifest } from './apply.ts';
import { eventually } from './eventually.ts';
import { expectedClusterId, type Told } from './expected.ts';
import { filesIn } from './files-in.ts';
import { kubeClient } from './kube-client.ts';
import type { Operator } from './operator.ts';
import {
  type Creation,
  PLURALS,
  type ResourceName,
  type Resources,
  resources,
} from './resources.ts';
import { type Site, siteIn } from './site.ts';

const CRDS = resolve(import.meta.dirname, '../../deploy/crds');
const RIGHTS = resolve(import.meta.dirname, '../../deploy/rbac.yaml');

/** A control plane with users, who create resources, and any number of installations of the operator. */
export type Lab = Awaited<ReturnType<typeof startLab>>;

/**
 * Starts a lab where users have these namespaces. Its CRDs are installed but where `crds` is false. It has no
 * controller manager, unless `controlPlane` says so: operators and custom resources need none.
 */
export async function startLab(options: {
  readonly namespaces: readonly string[];
  readonly crds?: boolean;
  readonly controlPlane?: ControlPlaneOptions;
}) {
  const cp = await startControlPlane({ controllers: false, ...options.controlPlane });
  const client = kubeClient(cp);
  const users: Resources = resources({ client });
  const { metadata } = await client.must('GET', '/api/v1/namespaces/kube-system');
  const clusterId = expectedClusterId(metadata.uid);
  for (const name of options.namespaces) {
    await client.must('POST', '/api/v1/namespaces', { metadata: { name } });
  }

  /** Resolves once the API server serves a plural, or no longer does. */
  async function served(plural: string, is = true): Promise<void> {
    await eventually(async () => {
      const { status } = await client.send('GET', `/apis/gateway.kusk.io/v1alpha1/${plural}`);
      if (status !== (is ? 200 : 404)) throw new Error(`${plural}: ${status}`);
    });
  }

  async function installCrds(): Promise<void> {
    for (const file of await filesIn(CRDS, '*.yaml')) {
      await applyManifest(file, { client, namespace: 'default' });
    }
    for (const plural of Object.values(PLURALS)) await served(plural);
  }

  if (options.crds ?? true) await installCrds();
  const fresh = freshNames(options.namespaces);

  /**
   * Stops an operator after it has told these and what is created now of each kind, so that its watches
   * have passed all that was before; asserts that nothing else was told.
   */
  async function settle(site: Site, options: SettleOptions): Promise<Told> {
    const { operator, told, either = [] } = options;
    const all = [...told, ...(await users.createAll(fresh(2 * KINDS.length)))];
    await site.arrived(all);
    assert.equal(await operator.stop(), 0);
    return await site.assertTold(all, { either });
  }

  return {
    cp,
    client,
    users,
    clusterId,
    served,
    installCrds,
    /** So many names that were not used before, of all kinds and in all namespaces by turns. */
    fresh,
    settle,
    /** An installation in a namespace of its own, with a ledger of its own, in the same cluster. */
    async site(namespace: string): Promise<Site> {
      await cp.grant(RIGHTS, { namespace });
      return await siteIn(namespace, { client, clusterId, kubeconfig: cp.operatorKubeconfig });
    },
    async close() {
      await client[Symbol.asyncDispose]();
      await cp.close();
    },
  };
}

interface SettleOptions {
  readonly operator: Operator;
  /** What must have been told. */
  readonly told: readonly Creation[];
  /** What may have been told. */
  readonly either?: readonly Creation[];
}

function freshNames(namespaces: readonly string[]) {
  let count = 0;

  function freshName(): ResourceName {
    count += 1;
    const kind = KINDS[count % KINDS.length] ?? 'API';
    const namespace = namespaces[Math.floor(count / KINDS.length) % namespaces.length] ?? 'default';
    return { kind, namespace, name: `resource-${count}` };
  }

  return (howMany: number): readonly ResourceName[] => Array.from({ length: howMany }, freshName);
}
