import { CATALOGUE, type Message, utcDay } from '../event.ts';
import { clusterId, optOutEvent, trackEvent } from './events.ts';

const EXAMPLE_MS = Date.parse('2026-11-23T11:42:41Z');
const EXAMPLE_UID = '8d5f3a52-64b1-4a2b-8f5e-1f2a3b4c5d6e';
const EXAMPLE_CLUSTER = clusterId('3b0c7c1e-7d3a-4c0e-9d0b-0a4b8f6f2f11');

/** The subjects of events that are not about a resource. */
const SUBJECTS: Readonly<Record<string, string>> = { install: '', heartbeat: utcDay(EXAMPLE_MS) };

/**
 * Returns one example of each event that the operator can send: its real shape, with ids and times of
 * a cluster that does not exist. `--preview` and `docs/telemetry.md` show them.
 */
export function exampleEvents(): readonly Message<'kusk-gateway'>[] {
  return CATALOGUE.flatMap((entry): readonly Message<'kusk-gateway'>[] => {
    if (entry.source !== 'kusk-gateway') return [];
    const { source, name } = entry;
    if (name === 'analytics-disabled') {
      return [optOutEvent({ source, randomId: fixedIds(), now: () => EXAMPLE_MS })];
    }
    const subject = SUBJECTS[name] ?? EXAMPLE_UID;
    const at = EXAMPLE_MS / 1000;
    return [trackEvent({ source, anonymousId: EXAMPLE_CLUSTER, name, subject, at })];
  });
}

/** Returns another id in each call, and the same ids in each run. */
function fixedIds(): () => string {
  const ids = ['an opt-out', 'its message'].map(clusterId).values();
  return () => String(ids.next().value);
}
