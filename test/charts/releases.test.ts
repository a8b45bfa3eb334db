import { describe } from 'node:test';
import { onCluster } from './cluster.ts';
import { formerSuite } from './former.ts';
import { neighboursSuite } from './neighbours.ts';

describe('releases of the chart, among others', () => {
  const cluster = onCluster();
  formerSuite(cluster);
  neighboursSuite(cluster);
});
