import fc from 'fast-check';
import { CREATED, KINDS, type Kind } from '../../src/event.ts';
import { PERIODS_KEPT } from '../../src/record/counted-history.ts';
import type { Occurrence, OccurrenceName } from '../../src/record/events.ts';
import type { KindLedger } from '../../src/record/kind-ledger.ts';
import { everyKind, type Ledger } from '../../src/record/ledger.ts';

/** Any second from 1970 to the year 4400. */
export const seconds = fc.integer({ min: 0, max: 76_000_000_000 });

export const day = fc
  .date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

/** The resourceVersions of API servers, and others that their API allows. */
export const resourceVersion = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
  fc.string({ minLength: 1, maxLength: 100 }),
);

/** Objects with the usual prototype, which `deepEqual` compares. */
const PLAIN = { noNullPrototype: true };

const moment = fc.record({ createdAt: seconds, resourceVersion }, PLAIN);

const kindLedger: fc.Arbitrary<KindLedger> = fc.record(
  {
    resourceVersion: fc.option(resourceVersion, { nil: undefined }),
    baseline: fc.boolean(),
    watermark: seconds,
    floor: seconds,
    recent: fc
      .uniqueArray(fc.tuple(fc.uuid(), seconds), { selector: ([uid]) => uid, maxLength: 20 })
      .map((entries) => new Map(entries)),
    consentStart: fc.option(moment, { nil: undefined }),
    snapshotTaken: fc.boolean(),
    synced: fc.boolean(),
    baselineAt: fc.option(moment, { nil: undefined }),
    earlier: fc.record(
      {
        complete: fc.boolean(),
        periods: fc.array(
          fc.record({ began: seconds, after: moment, until: moment, ended: seconds }, PLAIN),
          {
            maxLength: PERIODS_KEPT,
          },
        ),
      },
      PLAIN,
    ),
  },
  PLAIN,
);

function occurrences(
  name: OccurrenceName,
  subject: fc.Arbitrary<string>,
): fc.Arbitrary<Occurrence[]> {
  return fc.uniqueArray(fc.record({ name: fc.constant(name), subject, at: seconds }, PLAIN), {
    selector: (occurrence) => occurrence.subject,
    maxLength: 10,
  });
}

/** Events of one name are adjacent: the text keeps no other order. */
const pending = fc
  .shuffledSubarray([
    occurrences('install', fc.constant('')),
    occurrences('heartbeat', day),
    ...KINDS.map((kind) => occurrences(CREATED[kind], fc.uuid())),
  ])
  .chain((lists) => fc.tuple(...lists))
  .map((lists) => lists.flat());

/** Members that a newer version may have written. */
const later = fc.dictionary(
  fc.string().map((name) => `Later${name}`),
  fc.oneof(
    fc.array(fc.string()),
    fc.record({ floor: seconds, recent: fc.array(fc.string()) }, PLAIN),
  ),
  { ...PLAIN, maxKeys: 3 },
);

/** Any ledger that the operator can reach. */
export const ledger: fc.Arbitrary<Ledger> = fc.record(
  {
    cluster: fc.option(
      fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((bytes) => Buffer.from(bytes).toString('hex')),
      { nil: undefined },
    ),
    carried: fc.record({ kinds: later, pending: later }, PLAIN),
    consent: fc.constantFrom('on', 'off'),
    since: fc
      .date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    installed: fc.boolean(),
    heartbeat: fc.record(
      {
        recorded: fc.array(day, { maxLength: 16 }),
        outstanding: fc.array(day, { maxLength: 16 }),
      },
      PLAIN,
    ),
    kinds: fc.record(
      everyKind((_: Kind) => kindLedger),
      PLAIN,
    ),
    pending,
    sent: fc.array(
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.string(),
        PLAIN,
      ),
      { maxLength: 20 },
    ),
  },
  PLAIN,
);
