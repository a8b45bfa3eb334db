import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cluster } from './cluster.ts';
import { CHART, setting, VERSIONS } from './helm.ts';

const CASES: readonly {
  readonly title: string;
  readonly set: readonly string[];
  readonly says: readonly RegExp[];
  readonly saysNot: readonly RegExp[];
}[] = [
  {
    title: 'on, without a write key',
    set: [],
    says: [
      /^Telemetry is ON\./m,
      /No write key is set here/,
      /kubectl create configmap kusk-gateway-opt-out --namespace \S+ --from-literal=enabled=false/,
      /--reset-then-reuse-values --set analytics\.enabled=false/,
    ],
    saysNot: [/OFF/],
  },
  {
    title: 'on, with one',
    set: ['analytics.writeKey=not-to-be-seen'],
    says: [/^Telemetry is ON\./m],
    saysNot: [/write key/, /not-to-be-seen/],
  },
  {
    title: 'off',
    set: ['analytics.enable=no'],
    says: [
      /^Telemetry is OFF: analytics\.enable says so\./m,
      /one last event with random ids reports the opt-out/,
    ],
    saysNot: [/ON\b/],
  },
  {
    title: 'off, and not even that reported',
    set: ['analytics.enabled=false', 'analytics.reportOptOut=false'],
    says: [/^Telemetry is OFF: analytics\.enabled says so\./m],
    saysNot: [/one last event/],
  },
];

/** What Helm says after an install. */
export function notesSuite(cluster: () => Cluster): void {
  for (const version of VERSIONS) {
    describe(`the notes, by ${version}`, () => {
      for (const { title, set, says, saysNot } of CASES) {
        it(title, async () => {
          const helm = await cluster().helm(version);
          const args = ['install', 'kusk-gateway', CHART, '--dry-run=client', ...setting(set)];
          const [, told = ''] = (await helm.run(args)).split(/^NOTES:$/m);
          for (const part of says) assert.match(told, part);
          for (const part of saysNot) assert.doesNotMatch(told, part);
        });
      }
    });
  }
}
