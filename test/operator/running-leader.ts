import assert from 'node:assert/strict';
import type { Endpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import type { FakeTime } from '../../lab/support/fake-time.ts';
import type { LedgerStore } from '../../src/cluster/ledger-configmap.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { readConfigFile } from '../../src/consent/config-file.ts';
import { parseConfig } from '../../src/operator/config/config.ts';
import { newHealth } from '../../src/operator/observability/health.ts';
import { runPipeline } from '../../src/operator/pipeline.ts';
import { openLedger } from '../../src/operator/stored-ledger.ts';
import { recorded, silent, unused } from './parts.ts';

export const CLUSTER_ID = '41940160206b685506e0b822539a3e143ea33a7b30ed6847ea7c7880ea585497';

export interface RunningLeaderOptions {
  readonly clock: FakeTime;
  readonly ledgers: LedgerStore;
  readonly endpoint: Endpoint;
  readonly consented?: () => boolean;
}

/** Starts a leader's pipeline with fake time, and real requests to a real endpoint. */
export async function startLeader(options: RunningLeaderOptions) {
  const { clock, ledgers, endpoint, consented = () => true } = options;
  const { log, lines } = recorded();
  const stop = new AbortController();
  const environment = { ANALYTICS_ENDPOINT: endpoint.url, ANALYTICS_WRITE_KEY: 'key' };
  const health = newHealth();
  const opening = {
    ...{ store: ledgers, now: clock.time.now },
    ...{ onDamage: log.ledgerUnusable, former: undefined },
  };
  const ended = runPipeline(
    {
      config: parseConfig(readConfigFile('', 'none'), environment),
      environment,
      request: silent,
      ledgers,
      leases: { read: unused, create: unused, write: unused },
      identity: 'one',
      log,
      health,
      time: clock.time,
      recovery: recovery({ time: clock.time, random: () => 0.5 }),
      random: Math.random,
      randomId: () => 'unused',
      onFatal: unused,
      leadership: { holds: () => true },
      consented,
      ended: new AbortController().signal,
      known: { since: undefined },
      storedLedger: await openLedger(opening, stop.signal),
      clusterId: CLUSTER_ID,
    },
    stop.signal,
  );

  /** Advances time until no event is pending. The endpoint must be available. */
  async function pass(ms: number): Promise<void> {
    await clock.pass(ms);
    await eventually(
      async () => {
        if (health.pending() > 0) await clock.pass(250);
        assert.equal(health.pending(), 0);
      },
      { everyMs: 1 },
    );
  }

  return {
    lines,
    health,
    pass,
    ended,
    stop: () => stop.abort(),
    async end() {
      stop.abort();
      await ended;
    },
  };
}
