import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Facts, NO_FACTS } from '../../../src/dashboard/model/facts.ts';
import { verdictWithoutLedger } from '../../../src/dashboard/model/verdict-without-ledger.ts';
import { verdictsOf } from '../../../src/dashboard/model/verdicts.ts';
import { messageId } from '../../../src/record/events.ts';
import {
  firstLedger,
  type Ledger,
  ledgerAfterLoss,
  restartConsent,
  withdrawConsent,
} from '../../../src/record/ledger.ts';
import { aResource } from './resources.ts';

const CLUSTER = 'ab'.repeat(32);
const BEGAN = 1_795_434_161;
const START = { createdAt: BEGAN, resourceVersion: '1000' };
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();

type State = Parameters<typeof verdictWithoutLedger>[1]['state'];
interface Case {
  readonly title: string;
  readonly ledger: Ledger;
  readonly createdAt: number;
  readonly resourceVersion?: string;
  readonly state?: State;
  readonly expected: readonly [string, RegExp];
}

const first = firstLedger(START);
const known = (fields: Partial<Ledger['kinds']['API']> = {}): Ledger => ({
  ...first,
  kinds: {
    ...first.kinds,
    API: {
      ...first.kinds.API,
      watermark: BEGAN + 5_000,
      floor: BEGAN + 4_100,
      synced: true,
      ...fields,
    },
  },
});
const off = withdrawConsent(known(), iso(BEGAN + 6_000));
const onAgain = restartConsent(off, iso(BEGAN + 7_000));

describe('the verdict of a resource', () => {
  it('is no failure if a time of the ledger was edited to one that no date can have', () => {
    const moment = { createdAt: 9e15, resourceVersion: '1' };
    const period = { began: 0, after: { ...moment, createdAt: 0 }, until: moment, ended: 9e15 };
    const ledger = known({ earlier: { periods: [period], complete: true } });
    const resource = aResource({ createdAt: BEGAN - 1 });
    const options = { kind: 'API', state: 'on', messageIdOf: () => undefined } as const;
    assert.match(verdictsOf([resource], { ...options, ledger })(resource).why, /no calendar has/);
  });

  const cases: readonly Case[] = [
    {
      title: 'from before',
      ledger: known(),
      createdAt: BEGAN - 1,
      expected: ['not-counted', /existed before/],
    },
    {
      title: 'that is covered',
      ledger: known(),
      createdAt: BEGAN + 10,
      expected: ['counted', /was counted/],
    },
    {
      title: 'that is new',
      ledger: known(),
      createdAt: BEGAN + 5_001,
      expected: ['pending', /not recorded/],
    },
    {
      title: 'of the first second that has not changed since before',
      ledger: known(),
      createdAt: BEGAN,
      resourceVersion: '1000',
      expected: ['not-counted', /existed before/],
    },
    {
      title: 'of the first second that has changed',
      ledger: known(),
      createdAt: BEGAN,
      expected: ['unknown', /second in which the count began, 2026-11-23 11:42:41 UTC/],
    },
    {
      title: 'with a creation time in the future',
      ledger: known(),
      createdAt: BEGAN + 90_000,
      expected: ['unknown', /in the future/],
    },
    {
      title: 'that is new while the switches say off',
      ledger: known(),
      createdAt: BEGAN + 5_001,
      state: 'off',
      expected: ['unknown', /ledger does not say so yet/],
    },
    {
      title: 'that is new without an operator',
      ledger: known(),
      createdAt: BEGAN + 5_001,
      state: 'not-installed',
      expected: ['pending', /No operator is installed/],
    },
    {
      title: 'that is new, with an operator in another namespace',
      ledger: known(),
      createdAt: BEGAN + 5_001,
      state: 'elsewhere',
      expected: ['unknown', /^An operator in another namespace may have counted it/],
    },
    {
      title: 'that was counted here, with an operator in another namespace',
      ledger: off,
      createdAt: BEGAN + 10,
      state: 'elsewhere',
      expected: ['counted', /before telemetry was switched off/],
    },
    {
      title: 'that was not counted here, with an operator in another namespace',
      ledger: off,
      createdAt: BEGAN + 6_001,
      state: 'elsewhere',
      expected: ['unknown', /^An operator in another namespace may have counted it/],
    },
    {
      title: 'that was counted before telemetry was switched off',
      ledger: off,
      createdAt: BEGAN + 10,
      expected: ['counted', /before telemetry was switched off/],
    },
    {
      title: 'from the moments before it was switched off',
      ledger: off,
      createdAt: BEGAN + 5_999,
      expected: ['unknown', /shortly before/],
    },
    {
      title: 'that was created while it is off',
      ledger: off,
      createdAt: BEGAN + 6_001,
      expected: ['not-counted', /while telemetry was off/],
    },
    {
      title: 'that was created after it was switched on again, before the first list',
      ledger: onAgain,
      createdAt: BEGAN + 7_001,
      expected: ['unknown', /first list is still to come/],
    },
    {
      title: 'that was created while it was off, before the first list',
      ledger: onAgain,
      createdAt: BEGAN + 6_500,
      expected: ['not-counted', /while telemetry was off/],
    },
    {
      title: 'older than a ledger that was lost',
      ledger: ledgerAfterLoss(iso(BEGAN)),
      createdAt: BEGAN - 9,
      expected: ['unknown', /older than what the ledger remembers/],
    },
    {
      title: 'under a count that an older version began',
      ledger: known({ consentStart: undefined }),
      createdAt: BEGAN + 10,
      expected: ['unknown', /older version/],
    },
  ];
  for (const {
    title,
    expected,
    ledger,
    state = 'on',
    createdAt,
    resourceVersion = '5000',
  } of cases) {
    it(title, () => {
      const resource = aResource({ createdAt, resourceVersion, seenAt: BEGAN + 8_000 });
      const messageIdOf = () => undefined;
      const verdictOf = verdictsOf([resource], { kind: 'API', ledger, state, messageIdOf });
      const { state: found, why } = verdictOf(resource);
      assert.equal(found, expected[0], why);
      assert.match(why, expected[1]);
    });
  }

  it('is certain for what the ledger names', () => {
    const messageIdOf = (uid: string) => messageId(CLUSTER, { name: 'api-created', subject: uid });
    const ledger: Ledger = {
      ...known(),
      pending: [{ name: 'api-created', subject: 'pending', at: BEGAN }],
      sent: [{ messageId: messageIdOf('sent'), timestamp: iso(BEGAN) }],
    };
    const resources = ['pending', 'sent', 'other'].map((uid) =>
      aResource({ uid, createdAt: BEGAN }),
    );
    const verdictOf = verdictsOf(resources, { kind: 'API', ledger, state: 'on', messageIdOf });
    assert.deepEqual(
      resources.map((resource) => verdictOf(resource).state),
      ['pending', 'counted', 'not-counted'],
    );
  });
});

describe('the verdict without a ledger', () => {
  const cases: readonly (readonly [Facts['ledger'], State, string, RegExp])[] = [
    [{ state: 'unread' }, 'unknown', 'unknown', /not read yet/],
    [{ state: 'denied' }, 'on', 'unknown', /may not read/],
    [{ state: 'newer', version: 2 }, 'on', 'unknown', /cannot be used/],
    [{ state: 'missing' }, 'on', 'unknown', /no ledger yet/],
    [{ state: 'missing' }, 'unknown', 'unknown', /no ledger yet/],
    [{ state: 'missing' }, 'off', 'not-counted', /unless somebody has deleted it/],
    [{ state: 'missing' }, 'not-installed', 'not-counted', /No operator is installed/],
    [{ state: 'missing' }, 'elsewhere', 'unknown', /operator in another namespace/],
    [{ state: 'read', ledger: first }, 'on', 'unknown', /another cluster/],
  ];
  for (const [ledger, state, expected, says] of cases) {
    it(`is ${expected} if the ledger is ${ledger.state} and telemetry ${state}`, () => {
      const { state: found, why } = verdictWithoutLedger({ ...NO_FACTS, ledger }, { state });
      assert.equal(found, expected);
      assert.match(why, says);
    });
  }
});
