import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { inParallel } from '../../lab/support/in-parallel.ts';
import { FEW, type Helm, helmOf, VERSIONS } from './helm.ts';
import { find, render, template } from './rendered.ts';

const SINGLE = 'enableLeaderElection: false';
const CASES: readonly {
  readonly title: string;
  readonly values: string;
  readonly says: string;
}[] = [
  {
    title: 'a rolling update without a leader',
    values: `{manager: {${SINGLE}}, strategy: {type: RollingUpdate}}`,
    says: 'Write strategy.type: Recreate, or manager.enableLeaderElection: true',
  },
  {
    title: 'replicas without a leader, by the environment',
    values: 'manager: {env: [{name: ENABLE_LEADER_ELECTION, value: "false"}]}',
    says: 'Write manager.enableLeaderElection: false, and leave the variable out',
  },
  {
    title: 'replicas without a leader, by a boolean in the environment',
    values: 'manager: {env: [{name: ENABLE_LEADER_ELECTION, value: false}]}',
    says: 'Write manager.enableLeaderElection: false, and leave the variable out',
  },
  {
    title: 'settings of a rolling update while pods are recreated',
    values: 'strategy: {rollingUpdate: {maxSurge: 1}}',
    says: 'Write strategy.type: RollingUpdate too',
  },
  {
    title: 'one port for probes and metrics',
    values: 'manager: {health: {port: 8080}}',
    says: 'are both 8080. Write two different ports',
  },
  {
    title: 'one port for probes and metrics of the pod alone',
    values: 'manager: {metrics: {bindAddress: "127.0.0.1:8081"}}',
    says: 'are both 8081',
  },
  {
    title: 'one port for both, by the environment',
    values: 'manager: {env: [{name: METRICS_BIND_ADDR, value: ":8081"}]}',
    says: 'are both 8081',
  },
  {
    title: 'no probes, by the environment',
    values: 'manager: {env: [{name: HEALTH_PROBE_BIND_ADDR, value: "0"}]}',
    says: 'no pod would become ready',
  },
  {
    title: 'two write keys',
    values: 'analytics: {writeKey: a, existingSecret: {name: b}}',
    says: 'analytics.writeKey and analytics.existingSecret.name are both set',
  },
  {
    title: 'two sources of certificates',
    values: 'customCA: {configMap: a, secret: b}',
    says: 'customCA.configMap and customCA.secret are both set',
  },
  {
    title: 'a proxy without scheme',
    values: 'proxy: {https: "proxy.example:3128"}',
    says: 'has no scheme. Write http://proxy.example:3128',
  },
  {
    title: 'a proxy of another scheme',
    values: 'proxy: {http: "socks5://proxy.example:1080"}',
    says: 'Write http://proxy.example:1080',
  },
  {
    title: 'a DNS policy without a server',
    values: 'dnsPolicy: None',
    says: 'there is no dnsConfig.nameservers',
  },
  {
    title: "a volume of the chart's own name",
    values: 'extraVolumes: [{name: config, emptyDir: {}}]',
    says: "extraVolumes has one called config, which is the name of the chart's own",
  },
  {
    title: 'a policy for an address that it cannot see',
    values:
      '{networkPolicy: {enabled: true}, manager: {env: [{name: HTTPS_PROXY, valueFrom: {secretKeyRef: {name: a, key: b}}}]}}',
    says: 'HTTPS_PROXY in manager.env comes from elsewhere',
  },
];

/** What is fine, though it looks alike. */
const ACCEPTED = [
  `manager: {${SINGLE}}`,
  `{manager: {${SINGLE}}, strategy: {type: Recreate}}`,
  '{replicaCount: 3, strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}',
  'manager: {metrics: {bindAddress: "0"}, health: {port: 8080}}',
  'manager: {health: {port: 8080}, env: [{name: METRICS_BIND_ADDR, value: ":8081"}]}',
  'proxy: {https: "http://user:pass@proxy.example:3128"}',
  'proxy: {https: "https://[fd00::1]:3128", http: "http://proxy.example"}',
  '{dnsPolicy: None, dnsConfig: {nameservers: [192.0.2.1]}}',
  '{replicaCount: 0, podDisruptionBudget: {minAvailable: 1}}',
];

for (const version of VERSIONS) {
  describe(`contradictions, by ${version}`, () => {
    let helm: Helm;
    before(async () => {
      helm = await helmOf(version);
    });

    for (const { title, values, says } of CASES) {
      it(`refuses ${title}, saying what to write`, async () => {
        await assert.rejects(template(helm, { values }), ({ message }: Error) => {
          assert.ok(message.includes(says), message);
          assert.match(message, /Nothing was changed\./);
          return true;
        });
      });
    }

    it('says all that is wrong, not only the first', async () => {
      const values = '{customCA: {configMap: a, secret: b}, manager: {health: {port: 8080}}}';
      await assert.rejects(template(helm, { values }), /are both 8080.*customCA\.configMap/s);
    });

    it('accepts what only looks alike', async () => {
      await inParallel(
        ACCEPTED,
        async (values) => {
          await template(helm, { values });
        },
        FEW,
      );
    });

    it('refuses a budget exactly where it would block a drain', async () => {
      const budgets = [1, 2, 3, 4, 7].flatMap((replicas) => {
        const most = Math.floor(((replicas - 1) * 100) / replicas);
        return [
          { replicas, minAvailable: `${most}%`, isAccepted: true },
          { replicas, minAvailable: `${most + 1}%`, isAccepted: false },
          { replicas, minAvailable: replicas - 1, isAccepted: true },
          { replicas, minAvailable: replicas, isAccepted: false },
        ];
      });
      await inParallel(
        budgets,
        async ({ replicas, minAvailable, isAccepted }) => {
          const values = JSON.stringify({
            replicaCount: replicas,
            podDisruptionBudget: { minAvailable },
          });
          const attempt = template(helm, { values });
          if (isAccepted) await attempt;
          else await assert.rejects(attempt, /no node with one of them could be drained/, values);
        },
        FEW,
      );
    });
  });
}

describe('the network policy', () => {
  interface Policy {
    readonly ingress: readonly [{ readonly from?: readonly unknown[] }];
    readonly egress: readonly {
      readonly ports: readonly { readonly port: number }[];
      readonly to?: unknown;
    }[];
  }

  async function policy(values: object): Promise<Policy> {
    const all = { networkPolicy: { enabled: true }, ...values };
    const objects = await render(await helmOf('helm'), { values: JSON.stringify(all) });
    return find(objects, 'NetworkPolicy').spec as Policy;
  }

  const ways = [
    { values: {}, ports: [443] },
    { values: { analytics: { endpoint: 'http://collector.example:8090' } }, ports: [8090] },
    { env: { ANALYTICS_ENDPOINT: 'http://collector.example' }, ports: [80] },
    { env: { HTTPS_PROXY: 'http://user:secret@proxy.example:3128' }, ports: [3128, 443] },
    { env: { https_proxy: 'proxy.example:3129' }, ports: [3129, 443] },
    { env: { HTTP_PROXY: 'http://[fd00::1]:3130' }, ports: [3130, 443] },
    { values: { networkPolicy: { enabled: true, receiverPorts: [9000] } }, ports: [443, 9000] },
  ];
  for (const { values = {}, env = {}, ports } of ways) {
    it(`opens ${ports.join(' and ')} for ${JSON.stringify({ ...values, ...env })}`, async () => {
      const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
      const { egress } = await policy({ ...values, manager: { env: variables } });
      const found = egress[1]?.ports.map(({ port }) => port);
      assert.deepEqual(new Set(found), new Set(ports));
    });
  }

  it('asks DNS on both ports, only where DNS is', async () => {
    const { egress } = await policy({});
    const dns = egress[2];
    assert.deepEqual([...new Set(dns?.ports.map(({ port }) => port))], [53, 5353]);
    assert.match(JSON.stringify(dns?.to), /kube-system.*openshift-dns/);
  });

  it('admits the pod of helm test, whatever else may connect', async () => {
    const from = [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }];
    const { ingress } = await policy({ networkPolicy: { enabled: true, from } });
    assert.match(JSON.stringify(ingress[0].from), /"app.kubernetes.io\/name":"kusk-gateway-test"/);
    assert.equal(ingress[0].from?.length, 2);
  });
});
