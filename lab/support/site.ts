import assert from 'node:assert/strict';
import { type Arrival, type Endpoint, refuse, startEndpoint } from './endpoint.ts';
import { eventually } from './eventually.ts';
import { assertTold, expectedMessageId, type Told } from './expected.ts';
import type { KubeClient, KubeObject } from './kube-client.ts';
import { type Operator, type OperatorOptions, startOperator } from './operator.ts';
import type { Creation } from './resources.ts';

export const LEDGER = 'kusk-gateway-ledger';

/** One installation of the operator, as processes, and its endpoint. */
export interface Site extends AsyncDisposable {
  readonly namespace: string;
  readonly endpoint: Endpoint;
  /** Starts one more endpoint, for another operator: what arrives there counts as well. */
  readonly anotherReceiver: () => Promise<Endpoint>;
  /**
   * Refuses every request until the endpoint's behaviour is set again. Refused requests do not count.
   * Resolves at the first one.
   */
  readonly refuse: () => Promise<void>;
  /** Starts an operator. It is killed when the site is disposed of. */
  readonly start: (options?: Partial<OperatorOptions>) => Promise<Operator>;
  /** Makes the empty ledger, as the chart does. */
  readonly makeLedger: () => Promise<KubeObject>;
  readonly ledger: () => Promise<KubeObject>;
  /** Resolves once each of these has arrived at least once. */
  readonly arrived: (creations: readonly Creation[]) => Promise<void>;
  /** Resolves once the ledger shows these among the last that were sent, which are few. */
  readonly written: (creations: readonly Creation[]) => Promise<void>;
  /** Asserts that exactly these were told, and the install and a heartbeat. */
  readonly assertTold: (
    creations: readonly Creation[],
    options?: { readonly either?: readonly Creation[] },
  ) => Promise<Told>;
}

export interface SiteOptions {
  readonly client: KubeClient;
  readonly clusterId: string;
  readonly kubeconfig: string;
}

/** Starts an installation's endpoint. The namespace is there, with the operator's rights. */
export async function siteIn(namespace: string, options: SiteOptions): Promise<Site> {
  const { client, clusterId, kubeconfig } = options;
  const endpoint = await startEndpoint();
  const endpoints = [endpoint];
  const operators: Operator[] = [];
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  const refused = new Set<Arrival>();
  const unavailable = refuse(503);
  const arrivals = () =>
    endpoints.flatMap((one) => one.arrivals).filter((arrival) => !refused.has(arrival));
  const ledger = () => client.must('GET', `${maps}/${LEDGER}`);

  return {
    namespace,
    endpoint,
    ledger,
    async anotherReceiver() {
      const another = await startEndpoint();
      endpoints.push(another);
      return another;
    },
    async refuse() {
      const { promise, resolve } = Promise.withResolvers<void>();
      endpoint.behave((arrival, ...rest) => {
        refused.add(arrival);
        unavailable(arrival, ...rest);
        resolve();
      });
      await promise;
    },
    async start(more) {
      const operator = await startOperator({
        kubeconfig,
        namespace,
        endpoint: endpoint.url,
        ...more,
      });
      operators.push(operator);
      return operator;
    },
    makeLedger: () => client.must('POST', maps, { metadata: { name: LEDGER } }),
    async arrived(creations) {
      await eventually(() => {
        const ids = idsIn(arrivals());
        const missing = creations.filter((one) => !ids.has(expectedMessageId(clusterId, one)));
        const [first] = missing;
        assert.ok(
          !first,
          `${missing.length} of ${creations.length} have not arrived, the first of them ` +
            `${first?.kind} ${first?.timestamp}\n${operators.map(changesOf).join('\n')}`,
        );
      });
    },
    async written(creations) {
      await eventually(async () => {
        const text = Object.values((await ledger()).data ?? {}).join();
        for (const creation of creations) {
          assert.ok(text.includes(expectedMessageId(clusterId, creation)));
        }
      });
    },
    async assertTold(creations, { either = [] } = {}) {
      const since = (await ledger()).metadata.creationTimestamp;
      return assertTold(arrivals(), { clusterId, creations, either, since });
    },
    async [Symbol.asyncDispose]() {
      for (const operator of operators) await operator[Symbol.asyncDispose]();
      for (const one of endpoints) await one.close();
    },
  };
}

function idsIn(arrivals: readonly Arrival[]): ReadonlySet<string> {
  return new Set(arrivals.flatMap(({ messages }) => messages.map(({ messageId }) => messageId)));
}

/** What an operator has logged but for each event. */
function changesOf({ lines }: Operator): string {
  const changes = lines.filter(({ msg }) => msg !== 'sent');
  return changes.map((line) => JSON.stringify(line)).join('\n');
}
