import { describe } from 'node:test';
import { admittedSuite } from './admitted.ts';
import { onCluster } from './cluster.ts';
import { deploySuite } from './deploy.ts';
import { notesSuite } from './notes.ts';
import { rightsSuite } from './rights.ts';

describe('the chart, on a real API server', () => {
  const cluster = onCluster();
  notesSuite(cluster);
  admittedSuite(cluster);
  rightsSuite(cluster);
  deploySuite(cluster);
});
