import { describe } from 'node:test';
import { onCluster } from './cluster.ts';
import { evictionSuite } from './eviction.ts';
import { namespaceAdminSuite } from './namespace-admin.ts';
import { offFirstSuite } from './off-first.ts';
import { rolesForPeopleSuite } from './roles-for-people.ts';
import { secondReleaseSuite } from './second-release.ts';
import { untouchedLedgerSuite } from './untouched-ledger.ts';

describe('the chart, among the people of a cluster', () => {
  const cluster = onCluster();
  untouchedLedgerSuite(cluster);
  offFirstSuite(cluster);
  secondReleaseSuite(cluster);
  namespaceAdminSuite(cluster);
  evictionSuite(cluster);
  rolesForPeopleSuite(cluster);
});
