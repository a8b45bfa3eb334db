import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CHART } from './helm.ts';

const CI = join(CHART, 'ci');

/** The values files of the chart's folder ci/, which chart-testing installs one by one. */
export const CI_FILES: readonly string[] = readdirSync(CI).map((name) => join(CI, name));

/** What can be switched on, each as a values file. Together they are everything. */
export const FEATURES: Readonly<Record<string, object>> = {
  'nothing but the defaults': {},
  'an endpoint and a write key': {
    analytics: { endpoint: 'http://collector.example:8090', writeKey: 'key', reportOptOut: false },
  },
  'an existing Secret': { analytics: { existingSecret: { name: 'keys', key: 'segment' } } },
  replicas: { replicaCount: 3 },
  'a budget': { podDisruptionBudget: { enabled: true } },
  'a budget of how many must stay': {
    replicaCount: 3,
    podDisruptionBudget: { minAvailable: '50%' },
  },
  'no leader election': { replicaCount: 1, manager: { enableLeaderElection: false } },
  'logs and environment': {
    manager: {
      logLevel: 'DEBUG',
      env: [{ name: 'LOG_LEVEL', value: 'trace' }],
      envFrom: [{ configMapRef: { name: 'more', optional: true } }],
    },
  },
  volumes: {
    extraVolumes: [{ name: 'scratch', emptyDir: {} }],
    manager: { extraVolumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] },
  },
  'a proxy': {
    proxy: { https: 'http://proxy.example:3128', http: 'http://proxy.example', none: 'a,b' },
  },
  'a CA in a ConfigMap': { customCA: { configMap: 'authorities' } },
  'a CA in a Secret': { customCA: { secret: 'authorities', key: 'tls.crt' } },
  'an account of its own name': {
    serviceAccount: { name: 'telemetry', annotations: { 'example.com/role': 'none' } },
  },
  'where pods run': {
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'infra', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: {} },
          },
        ],
      },
    },
    topologySpreadConstraints: [{ topologyKey: 'topology.kubernetes.io/zone' }],
    priorityClassName: 'system-cluster-critical',
  },
  'how pods are': {
    podAnnotations: { 'example.com/note': 'a' },
    podLabels: { tier: 'edge' },
    commonLabels: { team: 'edge' },
    imagePullSecrets: ['registry', { name: 'mirror' }],
    global: { imageRegistry: 'mirror.example', imagePullSecrets: ['registry'] },
    terminationGracePeriodSeconds: 10,
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['192.0.2.1'] },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  },
  'a ServiceMonitor': {
    service: { annotations: { 'example.com/note': 'a' } },
    serviceMonitor: {
      enabled: true,
      labels: { release: 'prometheus' },
      interval: '1m',
      scrapeTimeout: '10s',
      relabelings: [{ action: 'labeldrop', regex: 'pod' }],
      metricRelabelings: [{ action: 'drop', regex: 'go_.*', sourceLabels: ['__name__'] }],
    },
  },
  alerts: {
    prometheusRule: {
      enabled: true,
      labels: { release: 'prometheus' },
      additionalRules: [{ alert: 'Mine', expr: 'vector(1)' }],
    },
  },
  'roles for people': { rbac: { aggregate: true } },
  'more objects': {
    commonAnnotations: { 'example.com/owner': 'edge' },
    extraObjects: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-more' } },
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-text\n',
    ],
    hostUsers: false,
    revisionHistoryLimit: 3,
  },
  'a dashboard': { dashboard: { enabled: true, annotations: { folder: 'Kusk' } } },
  'a network policy': {
    networkPolicy: {
      enabled: true,
      from: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }],
      apiServer: [{ ipBlock: { cidr: '192.0.2.1/32' } }],
      receiver: [{ ipBlock: { cidr: '0.0.0.0/0' } }],
      receiverPorts: [3128],
      dns: [],
    },
  },
  'an open network policy': { networkPolicy: { enabled: true } },
  'other names': { nameOverride: 'telemetry', fullnameOverride: 'kusk' },
  'no metrics': { manager: { metrics: { bindAddress: '0' } } },
  'no account, no rights, no CRDs': {
    serviceAccount: { create: false, name: 'default' },
    rbac: { create: false },
    crds: { install: false },
  },
  'CRDs that go': { crds: { keep: false } },
};

/** All that go together. */
export const TOGETHER: readonly object[] = Object.entries(FEATURES)
  .filter(([title]) => !/^no |CA in a Secret|existing Secret|open network/.test(title))
  .map(([, values]) => values);
