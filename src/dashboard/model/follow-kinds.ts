import type { KubeRequest } from '../../cluster/connect.ts';
import { type Discover, discovery } from '../../cluster/discover.ts';
import { hasStatus, reasonOf } from '../../cluster/errors.ts';
import { recovery } from '../../cluster/recovery.ts';
import { reflect } from '../../cluster/reflect.ts';
import {
  type ReflectOptions,
  WATCHING,
  type WatchMonitor,
  type WatchSink,
} from '../../cluster/watch-sink.ts';
import { KINDS, type Kind } from '../../event.ts';
import { everyKind } from '../../record/ledger.ts';
import { type Run, runAll } from '../../runtime/run.ts';
import type { Time } from '../../runtime/time.ts';
import { kindState } from './kind-state.ts';
import { resourceReader, type SeenResource } from './resource-reader.ts';
import { type Rows, rows } from './rows.ts';
import { scope } from './scope.ts';
import type { KindView } from './view.ts';

export interface FollowOptions {
  readonly request: KubeRequest;
  /** The namespace to list if not all may be listed. */
  readonly namespace: string;
  readonly time: Time;
  /** Returns a number in [0, 1). */
  readonly random: () => number;
  readonly onChange: (kind: Kind) => void;
}

/** The resources of all kinds, as they change. */
export interface FollowedKinds {
  readonly of: (kind: Kind) => FollowedKind;
  /** Opens all watches again: they may be dead after an outage. */
  readonly restart: () => void;
  /** Forgets all resources, and lists them again: they are of another cluster. */
  readonly forget: () => void;
  readonly run: Run;
}

export interface FollowedKind {
  readonly rows: Pick<Rows, 'all' | 'total'>;
  readonly state: () => Pick<KindView, 'state' | 'message' | 'namespace'>;
}

/** Lists and watches all kinds over one connection. */
export function followKinds(options: FollowOptions): FollowedKinds {
  const { time, random } = options;
  const recovering = recovery({ time, random });
  const request = recovering.track(options.request);
  const discover = discovery({ request, time });
  const shared = {
    ...WATCHING,
    ...{ request, discover, time },
    recovery: recovering,
    backoff: { ...WATCHING.retry, random },
  };
  const followed = everyKind((kind) => followKind(kind, { ...options, shared }));
  return {
    of: (kind) => followed[kind],
    restart() {
      for (const kind of KINDS) followed[kind].restart();
    },
    forget() {
      for (const kind of KINDS) followed[kind].forget();
    },
    run: (signal) =>
      runAll(
        KINDS.map((kind) => followed[kind].run),
        signal,
      ),
  };
}

interface KindOptions extends FollowOptions {
  readonly shared: Omit<ReflectOptions, 'reader' | 'sink' | 'monitor'> & {
    readonly discover: Discover;
  };
}

function followKind(kind: Kind, { shared, namespace, time, onChange }: KindOptions) {
  const changed = () => onChange(kind);
  const shown = rows({ onChange: changed });
  const scoped = scope({ request: shared.request, namespace, time });
  const state = kindState(kind, { namespace, onChange: changed });
  let cursor: string | undefined;
  let round = new AbortController();
  let isForgotten = false;

  function beginAnew(): void {
    isForgotten = false;
    cursor = undefined;
    shown.clear();
    state.loading();
  }

  const sink: WatchSink<SeenResource> = {
    start: () => cursor,
    consentRevision: () => undefined,
    listedAtConsent: shown.listing,
    listing: () => {
      const listing = shown.listing();
      return {
        take: listing.take,
        async complete() {
          state.listed(scoped.namespace());
          return await listing.complete();
        },
      };
    },
    added: async (resource) => shown.add(resource),
    modified: shown.change,
    deleted: async (resource) => shown.remove(resource),
    progressed(_, resourceVersion) {
      cursor = resourceVersion;
    },
    absent() {
      cursor = undefined;
      shown.clear();
      state.absent();
    },
  };
  const monitor: WatchMonitor = {
    became(_, became, error) {
      if (became === 'missing') state.missing();
      if (became === 'watching') state.listed(scoped.namespace());
      if (became !== 'failing') return;
      if (hasStatus(error, 403)) state.denied();
      else state.failed(reasonOf(error));
    },
    restarted: () => undefined,
    turned: () => undefined,
  };
  const following = { ...shared, request: scoped.request, reader: resourceReader, sink, monitor };

  return {
    rows: shown,
    state: state.view,
    restart: () => round.abort(),
    forget() {
      isForgotten = true;
      round.abort();
    },
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        if (isForgotten) beginAnew();
        round = new AbortController();
        await reflect(kind, following, AbortSignal.any([signal, round.signal]));
      }
    },
  };
}
