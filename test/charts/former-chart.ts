import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RELEASED_ENVOYFLEET } from '../deploy/manifests.ts';

const RELEASE = '{{ .Release.Name }}';
const NAMESPACE = '{{ .Release.Namespace }}';
const MANAGER = 'kusk-gateway-manager';
const ACCOUNT = [{ kind: 'ServiceAccount', name: MANAGER, namespace: NAMESPACE }];
const RBAC = 'rbac.authorization.k8s.io/v1';

const selector = {
  'app.kubernetes.io/name': 'kusk-gateway',
  'app.kubernetes.io/instance': RELEASE,
};
const labels = {
  ...selector,
  'helm.sh/chart': 'kusk-gateway-0.0.65',
  'app.kubernetes.io/version': 'v1.5.4',
  'app.kubernetes.io/managed-by': '{{ .Release.Service }}',
};

/** Its ports, by the Services that have them. */
const SERVICES = { xds: 18000, agent: 18010, auth: 19000, validator: 17000, webhooks: 443 };
const KINDS = { api: 'apis', envoyfleet: 'envoyfleet', staticroute: 'staticroutes' };

const named = (name: string) => ({ name, namespace: NAMESPACE, labels });

/** A CRD of that time: looser than ours, with a column of its own. */
function crd(kind: string, plural: string): object {
  const name = `${plural}.gateway.kusk.io`;
  const preserving = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, annotations: { 'controller-gen.kubebuilder.io/version': 'v0.8.0' } },
    spec: {
      group: 'gateway.kusk.io',
      scope: 'Namespaced',
      names: { kind, plural, listKind: `${kind}List`, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: preserving } } },
          additionalPrinterColumns: [
            { name: 'made', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        },
      ],
    },
  };
}

/** What a release of Kusk Gateway 1.x's chart has, in our words: names, labels, ports and keys are its own. */
const FORMER: readonly object[] = [
  crd('API', 'apis'),
  crd('StaticRoute', 'staticroutes'),
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: named(MANAGER) },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: named(MANAGER),
    data: {
      AGENT_MANAGER_BIND_ADDR: ':18010',
      ANALYTICS_ENABLED: 'false',
      ENABLE_LEADER_ELECTION: 'false',
      ENVOY_CONTROL_PLANE_BIND_ADDR: ':18000',
      HEALTH_PROBE_BIND_ADDR: ':8081',
      LOG_LEVEL: 'INFO',
      METRICS_BIND_ADDR: '127.0.0.1:8080',
      WEBHOOK_CERTS_DIR: '/tmp/certs',
    },
  },
  ...Object.entries(SERVICES).map(([name, port]) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: named(`kusk-gateway-${name}-service`),
    spec: { ports: [{ name, port }], selector },
  })),
  ...Object.entries(KINDS).flatMap(([kind, plural]) =>
    [['get'], ['get', 'create']].map((verbs) => ({
      apiVersion: RBAC,
      kind: 'ClusterRole',
      metadata: {
        name: `kusk-gateway-${kind}-${verbs.length === 1 ? 'viewer' : 'editor'}-role`,
        labels,
      },
      rules: [{ apiGroups: ['gateway.kusk.io'], resources: [plural], verbs }],
    })),
  ),
  {
    apiVersion: RBAC,
    kind: 'ClusterRole',
    metadata: { name: 'kusk-gateway-manager-role', labels },
    rules: [{ apiGroups: ['gateway.kusk.io'], resources: Object.values(KINDS), verbs: ['*'] }],
  },
  {
    apiVersion: RBAC,
    kind: 'ClusterRoleBinding',
    metadata: { name: MANAGER, labels },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'kusk-gateway-manager-role',
    },
    subjects: ACCOUNT,
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'kusk-gateway-validating-webhook-configuration', labels },
    webhooks: [
      {
        name: 'vapi.kb.io',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Ignore',
        clientConfig: {
          service: { name: 'kusk-gateway-webhooks-service', namespace: NAMESPACE, path: '/' },
        },
        rules: [
          {
            apiGroups: ['gateway.kusk.io'],
            apiVersions: ['v1alpha1'],
            operations: ['CREATE'],
            resources: ['apis'],
          },
        ],
      },
    ],
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...named(MANAGER),
      labels: { ...labels, 'app.kubernetes.io/component': MANAGER },
    },
    spec: {
      // There is no node; so its status comes to rest.
      replicas: 0,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector },
        spec: {
          serviceAccountName: MANAGER,
          containers: [
            { name: 'kube-rbac-proxy', image: 'gcr.io/kubebuilder/kube-rbac-proxy:v0.8.0' },
            {
              name: 'manager',
              image: 'kubeshop/kusk-gateway:v1.5.4',
              command: ['/manager'],
              envFrom: [{ configMapRef: { name: MANAGER } }],
              ports: [{ name: 'xds', containerPort: 18000 }],
            },
          ],
        },
      },
    },
  },
];

/** Its chart, with `FORMER` and the three CRDs of that time, in a folder of its own. */
export function formerChart(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-former-'));
  const templates = join(folder, 'templates');
  mkdirSync(templates);
  const manifest = {
    apiVersion: 'v2',
    name: 'kusk-gateway',
    version: '0.0.65',
    appVersion: 'v1.5.4',
  };
  writeFileSync(join(folder, 'Chart.yaml'), JSON.stringify(manifest));
  writeFileSync(
    join(templates, 'gateway.yaml'),
    FORMER.map((object) => JSON.stringify(object)).join('\n---\n'),
  );
  writeFileSync(join(templates, 'envoyfleet.yaml'), readFileSync(RELEASED_ENVOYFLEET));
  return folder;
}
