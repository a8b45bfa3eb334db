import type { KubeRequest } from '../../cluster/connect.ts';
import { KINDS, type Kind } from '../../event.ts';
import { everyKind } from '../../record/ledger.ts';
import { runAll } from '../../runtime/run.ts';
import type { Time } from '../../runtime/time.ts';
import { changes } from './changes.ts';
import { type Facts, NO_FACTS } from './facts.ts';
import { followKinds } from './follow-kinds.ts';
import { freshness } from './freshness.ts';
import { messageIdCommands } from './hand-check.ts';
import type { ReadInstallation } from './installation.ts';
import { kindViewer } from './kind-view.ts';
import { link } from './link.ts';
import { payloadsOf } from './payloads.ts';
import { polling } from './polling.ts';
import { factsReader } from './read-facts.ts';
import { telemetryOf } from './telemetry.ts';
import type { TelemetryView } from './telemetry-view.ts';
import type { Dashboard, DashboardView } from './view.ts';

export interface DashboardOptions {
  readonly request: KubeRequest;
  readonly cluster: Omit<DashboardView['cluster'], 'server'>;
  /** Returns the address of the API server, without a password. */
  readonly server: () => string;
  readonly readInstallation: ReadInstallation;
  readonly time: Time;
  /** Returns a number in [0, 1). */
  readonly random: () => number;
}

/** Returns what is known of a cluster. It sends requests only while it runs. */
export function createDashboard(options: DashboardOptions): Dashboard {
  const { cluster, server, time, random } = options;
  const { namespace, flags } = cluster;
  const startedMs = time.now();
  const change = changes({ time });
  const dirty = new Set<Kind>(KINDS);
  const connection = link({ time, onChange: linkChanged });
  const request = connection.track(options.request);
  const onOtherCluster = () => kinds.forget();
  const readFacts = factsReader({ ...options, request, namespace, onOtherCluster });
  const fresh = freshness({ connection, time, flags, onChange: change.happened });
  const polls = polling({ read, connection, time });
  const following = { namespace, time, random, onChange: kindChanged };
  const kinds = followKinds({ ...following, request: connection.hold(request) });
  const viewers = everyKind((kind) => kindViewer(kind, kinds.of(kind)));
  let outages = 0;
  let facts: Facts = NO_FACTS;
  let telemetry: TelemetryView = telemetryOf(facts, { namespace, flags, nowMs: startedMs });
  let known: DashboardView | undefined;

  function linkChanged(): void {
    if (connection.outages() !== outages) kinds.restart();
    outages = connection.outages();
    if (connection.view().state === 'connected') polls.wake();
    change.happened();
  }

  function kindChanged(kind: Kind): void {
    dirty.add(kind);
    change.happened();
  }

  function take(next: Facts): void {
    const before = facts;
    facts = next;
    const nextTelemetry = telemetryOf(facts, { namespace, flags, nowMs: time.now() });
    const isSame = fingerprint(nextTelemetry) === fingerprint(telemetry);
    telemetry = nextTelemetry;
    if (isSame && before.ledger === facts.ledger && before.computedId === facts.computedId) return;
    for (const kind of KINDS) dirty.add(kind);
    change.happened();
  }

  async function read(signal: AbortSignal): Promise<boolean> {
    try {
      take(await readFacts(signal));
      fresh.succeeded();
      return true;
    } catch (error) {
      fresh.failed(error);
      return false;
    }
  }

  function build(revision: number): DashboardView {
    const options = { facts, state: telemetry.state };
    const viewOf = (kind: Kind) =>
      dirty.has(kind) || known === undefined ? viewers[kind](options) : known.kinds[kind];
    const views = everyKind(viewOf);
    dirty.clear();
    return {
      revision,
      asOf: fresh.asOf(),
      connection: fresh.view(),
      cluster: { ...cluster, server: server() },
      telemetry,
      payloads: payloadsOf(facts, { atMs: startedMs }),
      kinds: views,
    };
  }

  return {
    view() {
      const revision = change.revision();
      if (known?.revision !== revision) known = build(revision);
      else if (known.asOf !== fresh.asOf()) known = { ...known, asOf: fresh.asOf() };
      return known;
    },
    changed: change.after,
    check: (row) => messageIdCommands(row, flags),
    run: (signal) => runAll([polls.run, kinds.run], signal),
  };
}

/** Returns what of a view is a change for a person. A lease is renewed every few seconds. */
function fingerprint({ leader, ...view }: TelemetryView): string {
  return JSON.stringify({ ...view, leader: leader && { ...leader, renewedAt: undefined } });
}
