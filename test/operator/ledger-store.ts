import type { LedgerConfigMap, LedgerStore } from '../../src/cluster/ledger-configmap.ts';
import { firstLedger } from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';

export const BORN = 1_795_434_161;
export const BIRTH = { createdAt: BORN, resourceVersion: '7' };
export const NOW = Date.parse('2026-11-24T08:00:00Z');
export const ON = serializeLedger({ ...firstLedger(BIRTH), installed: true });

export function aMap(over: Partial<LedgerConfigMap> = {}): LedgerConfigMap {
  const marks = { emptied: false, copied: false, renderedOff: false };
  const empty = { text: undefined, ...marks, changedAt: BORN, resourceVersion: '7' };
  return { ...empty, object: {}, ...over };
}

/** A store with one ConfigMap, or with none. */
export function setup(map: LedgerConfigMap | undefined) {
  let current = map;
  const damage: string[] = [];
  const store: { -readonly [Method in keyof LedgerStore]: LedgerStore[Method] } = {
    read: async () => current,
    create: async () => {
      current = aMap({ resourceVersion: '9' });
      return current;
    },
    write: async (text, over) => {
      current = { ...over, text };
      return current;
    },
  };
  const onDamage = (problem: string) => damage.push(problem);
  const isLed = async () => false;
  const options = { store, now: () => NOW, onDamage, former: undefined, isLed };
  const written = () => {
    const reading = parseLedger(current?.text ?? '');
    return reading.found === 'ledger' ? reading.ledger : undefined;
  };
  return { options, store, damage, written, signal: new AbortController().signal };
}
