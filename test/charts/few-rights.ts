import { join } from 'node:path';
import { it } from 'node:test';
import { writeKubeconfig } from '../../lab/control-plane/credentials.ts';
import type { Cluster } from './cluster.ts';
import { COLLECTOR_CHART, helmOf, setting, VERSIONS } from './helm.ts';

/** The kinds that the collector's chart creates with SQLite, and the ConfigMaps that hold Helm's revisions here. */
const KINDS = [
  'configmaps',
  'services',
  'serviceaccounts',
  'persistentvolumeclaims',
  'statefulsets.apps',
];
const KEYS = setting(['keys.existingSecret.name=keys']);

/** Somebody who has the rights to what a release of the collector creates, and no others. */
export function fewRightsSuite(cluster: () => Cluster): void {
  for (const version of VERSIONS) {
    it(`needs no right to what the collector's release does not have, by ${version}`, async () => {
      const { cp } = cluster();
      const namespace = `collector-few-rights-${version}`;
      const path = join(cp.folder, `${namespace}.kubeconfig`);
      const kubeconfig = await writeKubeconfig(path, { name: namespace, namespace }, cp);
      const folder = join(cp.folder, namespace);
      const helm = await helmOf(version, { kubeconfig, folder, driver: 'configmap' });
      await cp.kubectl(['create', 'namespace', namespace]);
      const role = ['create', 'role', 'few', `--resource=${KINDS.join()}`, '--verb=*'];
      await cp.kubectl([...role, '-n', namespace]);
      const binding = ['create', 'rolebinding', 'few', '--role=few', `--user=${namespace}`];
      await cp.kubectl([...binding, '-n', namespace]);
      const release = ['kusk-collector', COLLECTOR_CHART, '--namespace', namespace, ...KEYS];
      await helm.run(['install', ...release]);
      await helm.run(['upgrade', ...release, '--set', 'logLevel=debug']);
    });
  }
}
