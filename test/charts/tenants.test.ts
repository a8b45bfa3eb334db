import { describe } from 'node:test';
import { onCluster } from './cluster.ts';
import { evictionSuite } from './eviction.ts';
import { namespaceAdminSuite } from './namespace-admin.ts';
import { rolesForPeopleSuite } from './roles-for-people.ts';
import { secondReleaseSuite } from './second-release.ts';

describe('the chart, among the people of a cluster', () => {
  const cluster = onCluster();
  secondReleaseSuite(cluster);
  namespaceAdminSuite(cluster);
  evictionSuite(cluster);
  rolesForPeopleSuite(cluster);
});
