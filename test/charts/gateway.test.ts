import { describe } from 'node:test';
import { onCluster } from './cluster.ts';
import { gatewaySuite } from './gateway.ts';
import { plainManifestsSuite } from './plain-manifests.ts';

describe('on a cluster of Kusk Gateway 1.x', () => {
  const cluster = onCluster();
  plainManifestsSuite(cluster);
  gatewaySuite(cluster);
});
