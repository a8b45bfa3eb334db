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

/** The chart's mark of the text `false`. */
const WROTE_FALSE = 'fcbcf165908dd18a';

/** One of its bytes is a control character. */
const UTF16 = Buffer.from('analytics: {enabled: false} # \u7f6e', 'utf16le').toString('base64');

/** With a ConfigMap in the cluster, `kusk-gateway-manager` unless it has another name. */
const LIVE: readonly {
  readonly title: string;
  readonly map: {
    readonly metadata?: { readonly name?: string; readonly annotations?: object };
    readonly data?: object;
    readonly binaryData?: Readonly<Record<string, string>>;
  };
  readonly set: readonly string[];
  readonly says: RegExp;
}[] = [
  {
    title: 'off by an earlier revision, which only analytics can undo',
    map: {
      metadata: { annotations: { 'telemetry.kusk.io/wrote-ANALYTICS_ENABLED': WROTE_FALSE } },
      data: { ANALYTICS_ENABLED: 'false' },
    },
    set: [
      'global.analytics.enabled=true',
      'manager.env[0].name=ANALYTICS_ENABLED',
      'manager.env[0].value=on',
    ],
    says: /^Telemetry is OFF: an earlier revision of this release says so\./m,
  },
  {
    title: 'off from the start, when there is nothing to report',
    map: {},
    set: ['analytics.enabled=false'],
    says: /Nothing is sent to anyone but the Kubernetes API\.\n\nIt stays off/,
  },
  {
    title: 'off after it was on, which is reported',
    map: { metadata: { name: 'kusk-gateway-ledger' } },
    set: ['analytics.enabled=false'],
    says: /one last event with random ids reports the opt-out/,
  },
  {
    title: 'on by the ConfigMap of the opt-out, which is patched as it exists',
    map: { metadata: { name: 'kusk-gateway-opt-out' }, data: { enabled: 'true' } },
    set: [],
    says: /^Switch it off .*:\n\n {2}kubectl patch configmap kusk-gateway-opt-out --namespace notes-\d+ --type merge --patch '\{"data":\{"enabled":"false"\}\}'\n\nor with Helm/m,
  },
  {
    title: 'off by a hand, beside a file that stays',
    map: {
      data: { ANALYTICS_ENABLED: 'off', 'config.yaml': 'analytics: {endpoint: http://collector}' },
    },
    set: [],
    says: /again:\n\n {2}kubectl .* patch .*'\{"data":\{"ANALYTICS_ENABLED":null\}\}'\n\n/,
  },
  {
    title: 'off by a hand in the file, which may have other settings',
    map: { data: { 'config.yaml': 'analytics: {enabled: false}' } },
    set: [],
    says: /again:\n\n {2}kubectl --namespace \S+ edit configmap kusk-gateway-manager {3}# config.yaml/,
  },
  {
    title: 'off, without a second file beside one in UTF-16',
    map: { binaryData: { 'config.yaml': UTF16 } },
    set: ['analytics.enabled=false', 'analytics.reportOptOut=false'],
    says: /^data:\n {2}ANALYTICS_ENABLED: "false"\n+---/m,
  },
  {
    title: 'off by a hand in a file in UTF-16',
    map: { binaryData: { 'config.yaml': UTF16 } },
    set: [],
    says: /^Telemetry is OFF: config\.yaml in ConfigMap kusk-gateway-manager says so\./m,
  },
  {
    title: 'a refusal of what Helm would lose',
    map: { data: { 'config.yaml': 'analytics: {enabled: false} # \u007f' } },
    set: [],
    says: /config\.yaml in ConfigMap kusk-gateway-manager has a control character, which Helm can't apply\. /,
  },
];

/** What Helm says after an install. */
export function notesSuite(cluster: () => Cluster): void {
  let namespaces = 0;
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

      for (const { title, map, set, says } of LIVE) {
        it(title, async () => {
          const { client } = cluster();
          namespaces += 1;
          const namespace = `notes-${namespaces}`;
          await client.must('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
          const metadata = { name: 'kusk-gateway-manager', ...map.metadata };
          const path = `/api/v1/namespaces/${namespace}/configmaps`;
          await client.must('POST', path, { ...map, metadata });
          const helm = await cluster().helm(version);
          const args = ['--namespace', namespace, '--take-ownership', '--dry-run=server'];
          const call = ['install', 'kusk-gateway', CHART, ...args, ...setting(set)];
          const { out, problem } = await helm.attempt(call);
          assert.match(out + problem, says);
        });
      }
    });
  }
}
