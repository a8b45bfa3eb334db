import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  CreationEvidence,
  Cut,
  Evidence,
  KindState,
  LedgerState,
} from '../../../lab/chaos/evidence.ts';
import { judge } from '../../../lab/chaos/verdict.ts';

/** A moment of the run: the text order of these is their order in time. */
const at = (second: number) => `2026-11-24T10:00:${second.toFixed(6).padStart(9, '0')}Z`;
const during = (second: number) => ({ from: at(second), to: at(second + 0.1) });

/** Created in the second of its revision. */
function made(
  uid: string,
  revision: number,
  more: Partial<CreationEvidence> = {},
): CreationEvidence {
  return { kind: 'API', uid, messageId: `m-${uid}`, revision, during: during(revision), ...more };
}

interface Written extends Partial<KindState> {
  readonly at: number;
  readonly pending?: readonly string[];
  readonly consent?: 'on' | 'off';
  readonly since?: string;
}

function wrote(written: Written): LedgerState {
  const { at: second, pending = [], consent = 'on', since = 'the install', ...state } = written;
  const kind = { baseline: false, birth: 1, ...state };
  const kinds = { API: kind, StaticRoute: kind, EnvoyFleet: kind };
  return { during: during(second), consent, since, kinds, pending: new Set(pending) };
}

/** Consent began with a list, not with the ledger. */
function anew({ birth: _, ...state }: Written & KindState): LedgerState {
  const { kinds, ...rest } = wrote({ since: 'anew', ...state });
  const { birth: __, ...kind } = kinds.API;
  return { ...rest, kinds: { API: kind, StaticRoute: kind, EnvoyFleet: kind } };
}

function setup(evidence: Partial<Evidence>, told: readonly string[] = []) {
  return judge({
    creations: [],
    ledger: [],
    cuts: [],
    restores: [],
    silences: [],
    flips: [],
    edits: [],
    install: 'install',
    heartbeats: ['heartbeat'],
    stored: ['install', 'heartbeat', ...told].map((messageId) => ({
      messageId,
      name: 'api-created',
    })),
    ...evidence,
  });
}

const FLIP = { from: at(12), to: at(18) };
const EDIT = { from: at(11), to: at(11.5) };
const OFF = anew({ at: 13, consent: 'off', baseline: true, since: 'the switch' });
/** What is written first of a ledger whose first writes were refused. */
const BEGUN = { at: 12, revision: 11, baseline: false };
const RESTORE = { backedUp: 5, at: at(14) };
const ERASED: Cut = { from: at(12), upTo: 14, why: 'the history was erased' };

describe('the verdict of a chaos run', () => {
  it('is right if each was sent', () => {
    const verdict = setup({ creations: [made('a', 10)] }, ['m-a']);
    assert.ok(verdict.isRight);
    assert.equal(verdict.told, 1);
  });

  it('is wrong where one came that never happened', () => {
    const verdict = setup({ creations: [made('a', 10)] }, ['m-a', 'm-b']);
    assert.deepEqual([verdict.isRight, verdict.foreign], [false, ['m-b']]);
  });

  it('is wrong if more opt-outs were sent than there were', () => {
    const optOuts = ['x', 'y'].map((messageId) => ({ messageId, name: 'analytics-disabled' }));
    const stored = [...optOuts, { messageId: 'install', name: 'install' }];
    assert.ok(setup({ stored, flips: [FLIP, FLIP] }).isRight);
    assert.ok(!setup({ stored, flips: [FLIP] }).isRight);
  });

  it('takes each end of consent in the ledger for a switch while files are apart', () => {
    const optOuts = ['x', 'y'].map((messageId) => ({ messageId, name: 'analytics-disabled' }));
    const stored = [...optOuts, { messageId: 'install', name: 'install' }];
    const off = { consent: 'off' } as const;
    const once = [wrote({ at: 12.1 }), wrote({ at: 13, ...off }), wrote({ at: 13.5, ...off })];
    assert.ok(!setup({ stored, flips: [FLIP], ledger: once }).isRight);
    const twice = [...once, wrote({ at: 14 }), wrote({ at: 15, ...off })];
    assert.ok(setup({ stored, flips: [FLIP], ledger: twice }).isRight);
  });

  it('is wrong if the install was not sent', () => {
    const { installTold, isRight } = setup({ stored: [] });
    assert.deepEqual([installTold, isRight], [false, false]);
  });

  const forbidden: readonly (readonly [string, Partial<Evidence>])[] = [
    ['from before the install', { ledger: [wrote({ at: 20, revision: 20, birth: 15 })] }],
    ['from a time of opt-out', { silences: [{ from: at(9), to: at(12) }] }],
  ];
  for (const [title, evidence] of forbidden) {
    it(`is wrong if one was sent ${title}`, () => {
      const { wrong, isRight } = setup({ creations: [made('a', 10)], ...evidence }, ['m-a']);
      assert.deepEqual([wrong.length, isRight], [1, false]);
    });
  }

  const before = wrote({ at: 9, revision: 9 });
  const lost: readonly (readonly [string, readonly LedgerState[], Partial<Evidence>?])[] = [
    ['no write has ever passed it', [before]],
    ['there is no ledger at all', []],
    ['a write has passed it and does not hold it', [before, wrote({ at: 12, revision: 11 })]],
    [
      'it was pending and is no longer',
      [before, wrote({ at: 12, revision: 11, pending: ['a'] }), wrote({ at: 13, revision: 12 })],
    ],
    ['it is pending for ever', [before, wrote({ at: 12, revision: 11, pending: ['a'] })]],
    [
      'it was there when the kind was listed after a 410',
      [before, wrote({ at: 16, revision: 15 })],
      { cuts: [ERASED] },
    ],
    [
      'it was deleted after the list that must have shown it',
      [before, wrote({ at: 16, revision: 15 })],
      { cuts: [ERASED], creations: [made('a', 10, { removedAfter: 16 })] },
    ],
    [
      'it was deleted, and no history was erased',
      [before, wrote({ at: 16, revision: 15 })],
      { creations: [made('a', 10, { removedAfter: 11 })] },
    ],
    [
      'it was deleted, and the history that was erased had been seen',
      [before, wrote({ at: 16, revision: 15 })],
      { creations: [made('a', 10, { removedAfter: 11 })], cuts: [{ ...ERASED, upTo: 9 }] },
    ],
    [
      'it was deleted, and history was erased only later',
      [before, wrote({ at: 16, revision: 15 })],
      { creations: [made('a', 10, { removedAfter: 11 })], cuts: [{ ...ERASED, from: at(17) }] },
    ],
    [
      'another kind was deleted with its CRD',
      [before, wrote({ at: 16, revision: 15 })],
      {
        creations: [made('a', 10, { removedAfter: 11 })],
        cuts: [{ ...ERASED, why: 'the CRD was deleted', kind: 'EnvoyFleet' }],
      },
    ],
    [
      'the ledger was begun anew without a reason',
      [before, anew({ at: 12, baseline: true }), anew({ at: 13, baseline: false, revision: 12 })],
    ],
    [
      'it was made anew without a reason',
      [before, wrote({ at: 12, revision: 11, birth: 11, since: 'anew' })],
    ],
    [
      'the ledger was begun anew without a reason, and no write shows its beginning',
      [anew({ at: 9, revision: 9, baseline: false }), anew({ ...BEGUN, since: 'once more' })],
    ],
    [
      'it was created after a backup, and that was never put back',
      [before, wrote({ at: 12, revision: 11, pending: ['a'] }), wrote({ at: 15, revision: 14 })],
      { creations: [made('a', 10, { withRestore: true, removedAfter: 20 })] },
    ],
    [
      'it was acknowledged by nobody before the backup was put back, and is in the backup',
      [before, wrote({ at: 12, revision: 11, pending: ['a'] }), wrote({ at: 15, revision: 14 })],
      { restores: [RESTORE] },
    ],
    [
      'consent ended without a switch',
      [before, wrote({ at: 12, revision: 11, pending: ['a'] }), OFF],
    ],
    [
      'it was made after the ledger was',
      [before, wrote({ at: 12, revision: 11, birth: 9, since: 'anew' })],
      { edits: [{ from: at(8.5), to: at(9.5) }] },
    ],
  ];
  for (const [title, ledger, evidence] of lost) {
    it(`is that one is lost: ${title}`, () => {
      const verdict = setup({ creations: [made('a', 10)], ledger, ...evidence });
      assert.deepEqual(
        verdict.lost.map(({ uid }) => uid),
        ['a'],
      );
      assert.ok(!verdict.isRight);
    });
  }

  const excluded: readonly (readonly [string, readonly LedgerState[], Partial<Evidence>?])[] = [
    ['existed before the install', [wrote({ at: 20, revision: 20, birth: 15 })]],
    [
      'created and deleted in a window that a 410 erased',
      [before, wrote({ at: 16, revision: 15 })],
      { cuts: [ERASED], creations: [made('a', 10, { removedAfter: 11 })] },
    ],
    [
      'removed with its CRD before it was sent',
      [before, wrote({ at: 16, revision: 15 })],
      {
        creations: [made('a', 10, { removedAfter: 11, withCrd: true })],
        cuts: [{ ...ERASED, why: 'the CRD was deleted', kind: 'API' }],
      },
    ],
    [
      'not yet sent when consent ended',
      [before, wrote({ at: 12, revision: 11, pending: ['a'] }), OFF],
      { flips: [FLIP] },
    ],
    [
      'not yet sent when consent ended',
      [before, anew({ at: 19, baseline: true })],
      { flips: [FLIP] },
    ],
    [
      'created before the first list after consent',
      [anew({ at: 9, baseline: true }), anew({ at: 12, baseline: false, revision: 11 })],
    ],
    [
      'not yet sent when the ledger was deleted or edited by hand',
      [before, wrote({ at: 12, revision: 11, birth: 11, since: 'anew' })],
      { edits: [EDIT] },
    ],
    [
      'not yet sent when the ledger was deleted or edited by hand',
      [anew({ at: 9, revision: 9, baseline: false }), anew({ ...BEGUN, since: 'once more' })],
      { edits: [EDIT] },
    ],
    [
      'created after the backup that etcd was restored from, and gone before it was sent',
      [before, wrote({ at: 12, revision: 11, pending: ['a'] }), wrote({ at: 15, revision: 14 })],
      {
        creations: [made('a', 10, { withRestore: true, removedAfter: 20 })],
        restores: [RESTORE],
      },
    ],
  ];
  for (const [name, ledger, evidence] of excluded) {
    it(`counts apart what was ${name}`, () => {
      const verdict = setup({ creations: [made('a', 10)], ledger, ...evidence });
      assert.deepEqual([...verdict.excluded], [[name, 1]]);
      assert.ok(verdict.isRight);
    });
  }
});
