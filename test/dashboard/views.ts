import type { TelemetryView } from '../../src/dashboard/model/telemetry-view.ts';
import type {
  Dashboard,
  DashboardView,
  KindView,
  ResourceRow,
  Verdict,
} from '../../src/dashboard/model/view.ts';
import { sentPayload } from '../../src/deliver/payload.ts';
import { CATALOGUE, CREATED, KINDS, type Kind } from '../../src/event.ts';
import { clusterId, messageId, trackEvent } from '../../src/record/events.ts';
import { exampleEvents } from '../../src/record/example-events.ts';

/** What the fake time of the tests says at first. */
export const NOW = Date.parse('2026-11-23T12:00:00Z');
const CLUSTER = clusterId('3b0c7c1e-7d3a-4c0e-9d0b-0a4b8f6f2f11');

/** Markup, both directions, control and format characters, quotes: whatever an object can carry. */
export const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)>'\u202egnp.exe\u0007\u200b\u2028{{7*7}}`;

const ON: TelemetryView = {
  state: 'on',
  decidedBy: 'ANALYTICS_ENABLED in ConfigMap kusk-gateway-manager is "true"',
  switches: [
    {
      name: 'enabled in ConfigMap kusk-gateway-opt-out',
      value: undefined,
      says: 'absent',
      decides: false,
    },
    {
      name: 'ANALYTICS_ENABLED of the Deployment',
      value: undefined,
      says: 'absent',
      decides: false,
    },
    { name: 'DO_NOT_TRACK of the Deployment', value: undefined, says: 'absent', decides: false },
    {
      name: 'ANALYTICS_ENABLED in ConfigMap kusk-gateway-manager',
      value: 'true',
      says: 'on',
      decides: true,
    },
  ],
  obstacles: [],
  problems: [],
  since: '2026-11-08T09:12:44.000Z',
  clusterId: {
    value: CLUSTER,
    from: 'kube-system',
    command:
      "kubectl get namespace kube-system -o jsonpath='{.metadata.uid}' |\n  openssl dgst -sha256 -hmac kusk-gateway/cluster-id/v1",
  },
  endpoint: 'https://api.segment.io/',
  writeKey: 'set',
  lastSent: '2026-11-23T11:42:41.000Z',
  pending: {
    total: 2,
    byName: { 'api-created': 1, heartbeat: 1 },
    oldest: '2026-11-23T11:58:00.000Z',
  },
  install: 'recorded',
  heartbeats: [
    { day: '2026-11-20', state: 'recorded' },
    { day: '2026-11-21', state: 'recorded' },
    { day: '2026-11-22', state: 'recorded' },
    { day: '2026-11-23', state: 'pending' },
  ],
  leader: {
    holder: 'kusk-gateway-manager-6d5f8c9b7-x2k4p',
    renewedAt: '2026-11-23T11:59:58.000Z',
    isCurrent: true,
  },
  operator: {
    name: 'kusk-gateway-manager',
    version: '0.1.0',
    owner: 'Helm release kusk-gateway',
    replicas: { wanted: 2, ready: 2 },
    elects: true,
  },
  ledger: { state: 'ok', message: '' },
  commands: [
    {
      title: 'Switch it off, for good: the operator follows within a minute or two.',
      command: 'kusk analytics disable --cluster',
    },
    {
      title: 'The same with kubectl.',
      command:
        'kubectl -n kusk-system create configmap kusk-gateway-opt-out --from-literal=enabled=false',
    },
  ],
};

const OFF: TelemetryView = {
  ...ON,
  state: 'off',
  decidedBy: 'enabled in ConfigMap kusk-gateway-opt-out is "false"',
  switches: ON.switches.map((one, i) =>
    i === 0 ? { ...one, value: 'false', says: 'off', decides: true } : { ...one, decides: false },
  ),
  pending: { total: 0, byName: {}, oldest: undefined },
  commands: [{ title: 'Switch it on.', command: 'kusk analytics enable --cluster' }],
};

const UNKNOWN: TelemetryView = {
  ...ON,
  state: 'unknown',
  decidedBy: 'the namespace kusk-system has not been read yet',
  switches: [],
  since: undefined,
  clusterId: { ...ON.clusterId, value: undefined, from: undefined },
  endpoint: undefined,
  writeKey: 'unknown',
  lastSent: undefined,
  pending: { total: 0, byName: {}, oldest: undefined },
  install: undefined,
  heartbeats: [],
  leader: undefined,
  operator: undefined,
  ledger: { state: 'unread', message: 'The ledger has not been read yet.' },
};

export interface RowOptions {
  readonly kind?: Kind;
  readonly count?: number;
}

const VERDICTS: readonly Verdict[] = [
  { state: 'counted', why: 'It was created while telemetry was on.' },
  { state: 'pending', why: 'Its event is enqueued and not acknowledged yet.' },
  { state: 'not-counted', why: 'It existed before telemetry was switched on.' },
  { state: 'unknown', why: 'The ledger may not be read.' },
];

/** Returns as many rows, of all verdicts in turn. */
export function rows({ kind = 'API', count = 8 }: RowOptions = {}): readonly ResourceRow[] {
  return Array.from({ length: count }, (_, i): ResourceRow => {
    const uid = `${kind.toLowerCase()}-0000-4000-8000-${String(i).padStart(12, '0')}`;
    return {
      kind,
      uid,
      name: `${kind.toLowerCase()}-${i}`,
      namespace: `team-${i % 3}`,
      createdAt: NOW / 1000 - 40 * 3 ** (i % 12),
      fleet: i % 2 === 0 ? 'kusk-system/kusk-gateway-envoy-fleet' : undefined,
      hosts: i % 4 === 3 ? [] : [`shop-${i}.example.com`, '*'],
      paths: Array.from({ length: i % 5 }, (__, n) => `/v${n}/orders`),
      omitted: 0,
      verdict: VERDICTS[i % VERDICTS.length] ?? { state: 'unknown', why: '' },
      messageId: messageId(CLUSTER, { name: CREATED[kind], subject: uid }),
    };
  });
}

export function listed(list: readonly ResourceRow[]): KindView {
  return { state: 'listed', message: '', namespace: undefined, rows: list, total: list.length };
}

function kinds(change: Partial<Record<Kind, KindView>> = {}): DashboardView['kinds'] {
  return {
    API: listed(rows({ count: 12 })),
    StaticRoute: listed(rows({ kind: 'StaticRoute', count: 5 })),
    EnvoyFleet: listed(rows({ kind: 'EnvoyFleet', count: 1 })),
    ...change,
  };
}

const SENT = exampleEvents()
  .filter(({ properties }) => properties.event !== 'analytics-disabled')
  .map((event) => ({ ...sentPayload(event) }))
  .map((payload) => ({ payload, body: JSON.stringify(payload) }));

const PREVIEWS = CATALOGUE.map((entry) => ({
  entry,
  body: JSON.stringify(
    sentPayload(
      trackEvent({
        source: 'kusk-gateway',
        anonymousId: CLUSTER,
        name: 'heartbeat',
        subject: '',
        at: NOW / 1000,
      }),
    ),
  ),
  note: 'The UID of the resource is made up.',
}));

const VIEW: DashboardView = {
  revision: 1,
  asOf: '2026-11-23T11:59:59.000Z',
  connection: { state: 'connected', since: '2026-11-23T11:00:00.000Z' },
  cluster: {
    context: 'production',
    server: 'https://10.0.0.1:6443',
    namespace: 'kusk-system',
    flags: { kusk: ' --context production', kubectl: ' --context production' },
  },
  telemetry: ON,
  payloads: { sent: SENT, previews: PREVIEWS },
  kinds: kinds(),
};

function withTelemetry(change: Partial<TelemetryView>, base = ON): DashboardView {
  return { ...VIEW, telemetry: { ...base, ...change } };
}

function decidedBy(name: string, value: string): DashboardView {
  const switches = OFF.switches.map((one) =>
    one.name.startsWith(name)
      ? { ...one, value, says: 'off' as const, decides: true }
      : { ...one, value: undefined, says: 'absent' as const, decides: false },
  );
  return withTelemetry({ decidedBy: `${name} is "${value}"`, switches }, OFF);
}

const LEDGERS = [
  [
    'damaged',
    'The ledger is damaged: Unexpected end of JSON input. The operator writes it again; what it held is lost.',
  ],
  ['newer', 'A newer version has written the ledger. Install a newer kusk to read it.'],
  ['missing', 'There is no ledger: the operator has not run yet.'],
  [
    'foreign',
    'The ledger belongs to another cluster, as after a restore. The operator starts another one.',
  ],
  ['denied', 'You may not read the ConfigMap kusk-gateway-ledger.'],
] as const;

/** Every state that the pages can show, by name. */
export const VIEWS: Readonly<Record<string, DashboardView>> = {
  on: VIEW,
  'off by the opt-out': { ...VIEW, telemetry: OFF },
  'off by the Deployment': decidedBy('ANALYTICS_ENABLED of the Deployment', 'no'),
  'off by DO_NOT_TRACK': decidedBy('DO_NOT_TRACK of the Deployment', '1'),
  'off by the ConfigMap': decidedBy('ANALYTICS_ENABLED in ConfigMap kusk-gateway-manager', 'False'),
  'invalid switch': withTelemetry(
    {
      problems: [
        'ANALYTICS_ENABLED of the Deployment is "maybe": write true or false. Until then, telemetry is off.',
      ],
      switches: OFF.switches.map((one, i) =>
        i === 1
          ? { ...one, value: 'maybe', says: 'invalid', decides: true }
          : { ...one, decides: false },
      ),
    },
    OFF,
  ),
  'no write key': withTelemetry({
    writeKey: 'unknown',
    obstacles: ['The operator has no write key: it says so in its log, and sends nothing.'],
  }),
  'endpoint away': withTelemetry({
    pending: {
      total: 4_711,
      byName: { 'api-created': 4_710, heartbeat: 1 },
      oldest: '2026-11-16T12:00:00.000Z',
    },
    problems: ['The oldest event has been pending for 7 days: the endpoint may be away.'],
  }),
  'not installed': {
    ...withTelemetry(
      {
        state: 'not-installed',
        decidedBy: 'there is no operator in namespace kusk-system, nor in another one',
        ledger: { state: 'missing', message: '' },
      },
      UNKNOWN,
    ),
    payloads: { sent: [], previews: PREVIEWS },
    kinds: kinds({ API: listed([]), StaticRoute: listed([]), EnvoyFleet: listed([]) }),
  },
  'operator elsewhere': withTelemetry(
    {
      state: 'elsewhere',
      decidedBy:
        'there is no operator in namespace kusk-system, and an operator runs in namespace gateway',
      ledger: { state: 'missing', message: '' },
      commands: [
        {
          title: 'Shows the operator of namespace gateway.',
          command: 'kusk dashboard -n gateway',
        },
      ],
    },
    UNKNOWN,
  ),
  'CRDs missing': {
    ...VIEW,
    kinds: kinds(
      Object.fromEntries(
        KINDS.map((kind) => [
          kind,
          {
            state: 'missing',
            message: `The cluster has no kind ${kind}. Install Kusk Gateway, or its CRDs.`,
            namespace: undefined,
            rows: [],
            total: 0,
          },
        ]),
      ),
    ),
  },
  'rights missing': {
    ...withTelemetry(
      {
        decidedBy: 'you may not read ConfigMaps in namespace kusk-system',
        problems: [
          'You may not get configmaps in namespace kusk-system. Ask an administrator for the ClusterRole view.',
        ],
        ledger: { state: 'denied', message: 'You may not read the ConfigMap kusk-gateway-ledger.' },
      },
      UNKNOWN,
    ),
    payloads: { sent: [], previews: PREVIEWS },
    kinds: kinds({
      API: {
        state: 'denied',
        message: 'You may not list apis.gateway.kusk.io.',
        namespace: undefined,
        rows: [],
        total: 0,
      },
      StaticRoute: {
        ...listed(rows({ kind: 'StaticRoute' })),
        namespace: 'team-0',
        message: 'You may list the namespace team-0 only.',
      },
    }),
  },
  ...Object.fromEntries(
    LEDGERS.map(([state, message]) => [
      `ledger ${state}`,
      {
        ...withTelemetry({ ledger: { state, message } }),
        payloads: { sent: [], previews: PREVIEWS },
      },
    ]),
  ),
  connecting: {
    ...VIEW,
    asOf: undefined,
    connection: { state: 'connecting', since: '2026-11-23T11:59:58.000Z' },
    telemetry: UNKNOWN,
    payloads: { sent: [], previews: PREVIEWS },
    kinds: kinds(
      Object.fromEntries(KINDS.map((kind) => [kind, { ...listed([]), state: 'loading' }])),
    ),
  },
  away: {
    ...VIEW,
    connection: {
      state: 'away',
      since: '2026-11-23T11:58:00.000Z',
      problem: 'connect ECONNREFUSED 10.0.0.1:6443',
      advice:
        'Check the address in the kubeconfig, HTTPS_PROXY if it is set (a SOCKS proxy is not used), and whether the network or VPN is up.',
    },
  },
  partial: {
    ...VIEW,
    connection: {
      state: 'partial',
      since: '2026-11-23T11:58:00.000Z',
      problem: 'the last attempt to read all of it failed: answered 500',
      advice: 'Another attempt follows. If this stays, see what fails: kusk cluster check',
    },
  },
  denied: {
    ...VIEW,
    connection: {
      state: 'denied',
      since: '2026-11-23T11:58:00.000Z',
      problem: 'the API server does not accept the credentials of the kubeconfig',
      advice: 'Log in again, or choose another context with --context.',
    },
  },
  hostile: hostileView(),
};

export function viewOf(name: string): DashboardView {
  const view = VIEWS[name];
  if (view === undefined) throw new Error(`no view ${name}`);
  return view;
}

/** A view in which every text that comes from outside is hostile. */
function hostileView(): DashboardView {
  const row = {
    ...rows()[0],
    uid: HOSTILE,
    name: HOSTILE,
    namespace: HOSTILE,
    fleet: HOSTILE,
    messageId: HOSTILE,
    hosts: Array.from({ length: 20 }, (_, i) => `${i}${HOSTILE}`),
    paths: [HOSTILE],
    omitted: 3,
  } as ResourceRow;
  const payload = {
    event: HOSTILE,
    messageId: HOSTILE,
    timestamp: HOSTILE,
    properties: { event: HOSTILE },
  };
  const text = (value: string | undefined) => value && HOSTILE;
  return {
    ...VIEW,
    cluster: {
      context: HOSTILE,
      server: HOSTILE,
      namespace: HOSTILE,
      flags: { kusk: HOSTILE, kubectl: HOSTILE },
    },
    connection: { state: 'away', since: HOSTILE, problem: HOSTILE, advice: HOSTILE },
    asOf: HOSTILE,
    telemetry: {
      ...ON,
      decidedBy: HOSTILE,
      switches: [{ name: HOSTILE, value: HOSTILE, says: 'invalid', decides: true }],
      obstacles: [HOSTILE],
      problems: [`${HOSTILE}2`],
      since: HOSTILE,
      endpoint: HOSTILE,
      lastSent: HOSTILE,
      pending: { total: 1, byName: { [HOSTILE]: 1 }, oldest: HOSTILE },
      leader: { holder: HOSTILE, renewedAt: HOSTILE, isCurrent: false },
      operator: {
        name: HOSTILE,
        version: text('1'),
        owner: HOSTILE,
        replicas: { wanted: 1, ready: 0 },
        elects: true,
      },
      ledger: { state: 'damaged', message: HOSTILE },
      commands: [{ title: HOSTILE, command: HOSTILE }],
      clusterId: { value: CLUSTER, from: 'ledger', command: HOSTILE },
    },
    payloads: { sent: [{ payload, body: JSON.stringify(payload) }], previews: PREVIEWS },
    kinds: kinds({
      API: { ...listed([row]), message: HOSTILE, state: 'failed' },
      StaticRoute: listed([]),
      EnvoyFleet: listed([]),
    }),
  };
}

/** A dashboard that shows what the test puts into it. */
export interface FakeDashboard extends Dashboard {
  readonly show: (view: DashboardView) => void;
}

export function fakeDashboard(first: DashboardView): FakeDashboard {
  let view = first;
  let change = Promise.withResolvers<void>();
  return {
    view: () => view,
    async changed(revision, signal) {
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      while (view.revision === revision && !signal.aborted) {
        await Promise.race([change.promise, aborted]);
      }
    },
    check: ({ uid }) =>
      `ID=${CLUSTER}\nprintf 'api-created/%s' ${uid} | openssl dgst -sha256 -hmac $ID`,
    run: async (signal) => {
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    },
    show(next) {
      view = { ...next, revision: view.revision + 1 };
      change.resolve();
      change = Promise.withResolvers();
    },
  };
}
