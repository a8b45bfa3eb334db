import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  bytes,
  type EncodedList,
  encodedList,
  enveloped,
  integer,
  MAGIC,
  tag,
  varint,
} from '../../lab/support/protobuf.ts';
import { MalformedResponseError } from '../../src/cluster/errors.ts';
import { readList } from '../../src/cluster/list-body.ts';
import { resourceVersionOf, sightingOf } from '../../src/cluster/metadata.ts';
import { protobufListReader } from '../../src/cluster/protobuf-list.ts';

const MIB = 1_048_576;
const NOT_PROTOBUF = new MalformedResponseError('sent malformed protobuf');
const INCOMPLETE = new MalformedResponseError('sent an incomplete list');
const ENDLESS = new MalformedResponseError('sent a value without end');

function read(chunks: Iterable<Uint8Array>) {
  const items: unknown[] = [];
  const reader = protobufListReader((item) => void items.push(item));
  for (const chunk of chunks) reader.write(chunk);
  return { list: reader.end(), items };
}

/** Cuts bytes at these places. */
function cut(whole: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
}

const single = (whole: Uint8Array) => Array.from(whole, (byte) => Buffer.of(byte));

const creationTimestamp = fc
  .integer({ min: 0, max: 4_102_444_800 })
  .map((seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`);
const word = fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' });
const item = fc.record({
  metadata: fc.record({
    name: word,
    uid: word,
    resourceVersion: word,
    creationTimestamp,
    annotations: fc.dictionary(word, fc.string({ maxLength: 1_000 }), { maxKeys: 3 }),
  }),
});
const list: fc.Arbitrary<EncodedList> = fc.record({
  metadata: fc.record({ resourceVersion: word, continue: fc.option(word, { nil: undefined }) }),
  items: fc.array(item, { maxLength: 8 }),
});

/** Returns the sightings and the list's metadata that the operator reads from a body. */
async function readBody(body: Uint8Array, contentType: string) {
  const sightings: unknown[] = [];
  const response = { headers: { 'content-type': contentType }, body: Readable.from([body]) };
  const { list: kept } = await readList(
    response as unknown as Parameters<typeof readList>[0],
    (one) => sightings.push(sightingOf('API', one, 0)),
  );
  const { metadata } = kept as { readonly metadata: { readonly continue?: string } };
  return { sightings, resourceVersion: resourceVersionOf(kept), next: metadata.continue || '' };
}

const PROTOBUF =
  'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

describe('a list in protobuf', () => {
  it('is read like the same list in JSON', async () => {
    await fc.assert(
      fc.asyncProperty(list, async (one) => {
        const json = await readBody(Buffer.from(JSON.stringify(one)), 'application/json');
        assert.deepEqual(await readBody(encodedList(one), PROTOBUF), json);
        assert.equal(json.sightings.length, one.items.length);
      }),
      { numRuns: 500 },
    );
  });

  it('is read the same for any cuts', () => {
    fc.assert(
      fc.property(list, fc.array(fc.nat()), (one, places) => {
        const whole = encodedList(one);
        assert.deepEqual(read(cut(whole, places)), read([whole]));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is read the same byte by byte', () => {
    fc.assert(
      fc.property(list, (one) => {
        const whole = encodedList(one);
        assert.deepEqual(read(single(whole)), read([whole]));
      }),
      { numRuns: 100 },
    );
  });
});

/** Fields of a newer Kubernetes, of each wire type. */
const unknownField = fc.oneof(
  fc
    .tuple(fc.integer({ min: 30, max: 2 ** 29 - 1 }), fc.bigInt(0n, 2n ** 64n - 1n))
    .map(([number, value]) => integer(number, value)),
  fc
    .tuple(fc.integer({ min: 30, max: 2 ** 29 - 1 }), fc.uint8Array({ maxLength: 400 }))
    .map(([number, value]) => bytes(number, value)),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((value) => Buffer.concat([tag(99, 1), value])),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((value) => Buffer.concat([tag(99, 5), value])),
);

describe('fields in any order, with unknown fields in between', () => {
  const mixed = (fields: readonly Buffer[]) =>
    fc
      .tuple(fc.shuffledSubarray([...fields], { minLength: fields.length }), fc.array(unknownField))
      .chain(([known, unknown]) =>
        fc.shuffledSubarray([...known, ...unknown], { minLength: known.length + unknown.length }),
      );
  const time = bytes(8, integer(2, 5), integer(1, 1_764_000_000));
  const body = mixed([bytes(5, 'u'), bytes(6, '7'), time])
    .chain((object) =>
      fc.tuple(mixed([bytes(1, ...object)]), mixed([bytes(2, '500'), bytes(3, 'next')])),
    )
    .chain(([outer, listMeta]) => mixed([bytes(2, ...outer), bytes(1, ...listMeta)]))
    .chain((raw) => mixed([bytes(2, ...raw), bytes(1, bytes(2, 'PartialObjectMetadataList'))]))
    .map((all) => Buffer.concat([MAGIC, ...all]));

  it('are read', () => {
    fc.assert(
      fc.property(body, fc.array(fc.nat()), (whole, places) => {
        assert.deepEqual(read(cut(whole, places)), {
          list: { metadata: { resourceVersion: '500', continue: 'next' } },
          items: [
            {
              metadata: {
                uid: 'u',
                resourceVersion: '7',
                creationTimestamp: { seconds: 1_764_000_000 },
              },
            },
          ],
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it('are merged if a message is in parts, and the last scalar wins', () => {
    const meta = [bytes(1, bytes(5, 'a'), bytes(6, '7')), bytes(1, bytes(5, 'b'))];
    const { items } = read([enveloped(bytes(2, ...meta))]);
    assert.deepEqual(items, [{ metadata: { uid: 'b', resourceVersion: '7' } }]);
  });
});

describe('an invalid list in protobuf', () => {
  const object = (...fields: readonly Buffer[]) => enveloped(bytes(2, bytes(1, ...fields)));
  const elevenBytes = Buffer.from([...Array(10).fill(0xff), 1]);
  const cases = [
    { title: 'HTML', body: Buffer.from('<html>'), error: /not Kubernetes' protobuf$/ },
    { title: 'JSON', body: Buffer.from('{"items":[]}'), error: /not Kubernetes' protobuf$/ },
    { title: 'an empty body', body: Buffer.alloc(0), error: INCOMPLETE },
    { title: 'half of the magic bytes', body: MAGIC.subarray(0, 2), error: INCOMPLETE },
    { title: 'the magic bytes alone', body: MAGIC, error: /other than a list of metadata$/ },
    { title: 'a Status', body: enveloped(bytes(1), 'Status'), error: /other than a list/ },
    { title: 'a list of whole objects', body: enveloped(bytes(1), 'PodList'), error: /other than/ },
    { title: 'a tag of 11 bytes', body: object(elevenBytes), error: NOT_PROTOBUF },
    { title: 'a length of 11 bytes', body: object(tag(99, 2), elevenBytes), error: NOT_PROTOBUF },
    { title: 'a number of 11 bytes', body: object(tag(7, 0), elevenBytes), error: NOT_PROTOBUF },
    { title: 'field 0', body: object(bytes(0, 'x')), error: NOT_PROTOBUF },
    { title: 'field 2^29', body: object(bytes(2 ** 29, 'x')), error: NOT_PROTOBUF },
    { title: 'a group', body: object(tag(99, 3), tag(99, 4)), error: NOT_PROTOBUF },
    { title: 'the end of a group', body: object(tag(99, 4)), error: NOT_PROTOBUF },
    { title: 'wire type 6', body: object(tag(99, 6)), error: NOT_PROTOBUF },
    { title: 'wire type 7', body: object(tag(99, 7)), error: NOT_PROTOBUF },
    { title: 'a UID that is a number', body: object(integer(5, 1)), error: NOT_PROTOBUF },
    { title: 'a time that is a number', body: object(integer(8, 1)), error: NOT_PROTOBUF },
    {
      title: 'seconds that are a text',
      body: object(bytes(8, bytes(1, 'x'))),
      error: NOT_PROTOBUF,
    },
    { title: 'a text beyond its message', body: object(tag(5, 2), varint(9)), error: NOT_PROTOBUF },
    {
      title: 'a skip beyond its message',
      body: object(tag(99, 2), varint(9)),
      error: NOT_PROTOBUF,
    },
    {
      title: 'a message beyond its message',
      body: object(tag(8, 2), varint(9)),
      error: NOT_PROTOBUF,
    },
    { title: 'eight bytes beyond their message', body: object(tag(99, 1)), error: NOT_PROTOBUF },
    { title: 'a number beyond its message', body: object(tag(7, 0)), error: NOT_PROTOBUF },
    {
      title: 'a length of 2^64 - 1',
      body: Buffer.concat([MAGIC, tag(99, 2), varint(2n ** 64n - 1n)]),
      error: NOT_PROTOBUF,
    },
    {
      title: 'a skip of 2^40 bytes',
      body: Buffer.concat([MAGIC, tag(99, 2), varint(2 ** 40)]),
      error: ENDLESS,
    },
    {
      title: 'a text that is too long',
      body: object(bytes(5, 'x'.repeat(8_193))),
      error: /too long$/,
    },
    {
      title: 'a text that claims to be too long',
      body: Buffer.concat([MAGIC, tag(1, 2), varint(2 ** 30), tag(2, 2), varint(2 ** 29)]),
      error: /too long$/,
    },
  ];
  for (const { title, body, error } of cases) {
    it(`is ${title}`, () => {
      const expected =
        error instanceof RegExp ? { name: 'MalformedResponseError', message: error } : error;
      assert.throws(() => read([body]), expected);
      assert.throws(() => read(single(body)), expected);
    });
  }

  it('is a list that is incomplete at any byte', () => {
    const items = [
      { metadata: { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-23T12:00:00Z' } },
    ];
    const whole = encodedList({ metadata: { resourceVersion: '5' }, items });
    // The last two fields of the envelope are empty: without them the list is complete.
    const required = whole.length - 4;
    for (let end = 0; end < required; end += 1) {
      assert.throws(() => read([whole.subarray(0, end)]), MalformedResponseError, `${end}`);
    }
  });

  it('is an object without UID, time or resourceVersion', async () => {
    const metadata = [bytes(5, 'u'), bytes(6, '7'), bytes(8, integer(1, 1))];
    for (const missing of metadata.keys()) {
      const body = object(...metadata.filter((_, index) => index !== missing));
      await assert.rejects(readBody(body, PROTOBUF), /without uid, time or resourceVersion$/);
    }
    for (const seconds of [-1n, 2n ** 63n - 1n]) {
      const body = object(...metadata.slice(0, 2), bytes(8, integer(1, seconds)));
      await assert.rejects(readBody(body, PROTOBUF), MalformedResponseError);
    }
  });

  it('causes no other error, whatever is changed in it', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(list, fc.array(change, { minLength: 1, maxLength: 4 }), (one, changes) => {
        const whole = encodedList(one);
        for (const [at, byte] of changes) whole[at % whole.length] = byte;
        try {
          read([whole]);
        } catch (error) {
          assert.ok(error instanceof MalformedResponseError);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a list without end', () => {
  const chunkOf = (field: Buffer) =>
    Buffer.concat(Array(Math.floor(MIB / field.length)).fill(field));
  const endless = {
    fields: bytes(99, 'x'.repeat(40)),
    numbers: integer(98, 2n ** 63n),
    'kinds, each of which replaces the last': bytes(1, bytes(2, 'PartialObjectMetadataList')),
  };
  for (const [title, field] of Object.entries(endless)) {
    it(`is refused after 64 MiB: ${title}`, () => {
      const chunks = (function* all() {
        yield MAGIC;
        const chunk = chunkOf(field);
        for (let count = 0; count < 66; count += 1) yield chunk;
      })();
      assert.throws(() => read(chunks), ENDLESS);
    });
  }

  it('is not a list of many objects, each of which ends', () => {
    const annotation = bytes(12, bytes(1, 'a'), bytes(2, 'x'.repeat(MIB)));
    const object = bytes(2, bytes(1, bytes(5, 'u'), annotation));
    const chunks = (function* all() {
      yield Buffer.concat([MAGIC, bytes(1, bytes(2, 'PartialObjectMetadataList'))]);
      yield Buffer.concat([tag(2, 2), varint(100 * object.length)]);
      for (let count = 0; count < 100; count += 1) yield object;
    })();
    assert.equal(read(chunks).items.length, 100);
  });

  it('uses no memory while it skips an annotation', () => {
    const reader = protobufListReader(() => undefined);
    const open = [tag(2, 2), varint(60 * MIB), tag(2, 2), varint(59 * MIB), tag(1, 2)];
    reader.write(Buffer.concat([MAGIC, ...open, varint(58 * MIB), tag(12, 2), varint(57 * MIB)]));
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(65_536);
    for (let count = 0; count < 57 * 16; count += 1) reader.write(chunk);
    assert.ok(process.memoryUsage().arrayBuffers - before < MIB);
  });
});

describe('the reader of a list', () => {
  const one = { metadata: { resourceVersion: '5' }, items: [] };
  const json = Buffer.from(JSON.stringify(one));
  const cases = [
    { type: PROTOBUF, body: encodedList(one) },
    {
      type: 'Application/Vnd.Kubernetes.Protobuf ; as=PartialObjectMetadataList',
      body: encodedList(one),
    },
    { type: 'application/json', body: json },
    { type: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', body: json },
    { type: 'text/plain', body: json },
  ];
  for (const { type, body } of cases) {
    it(`is chosen by the media type of the response: ${type}`, async () => {
      assert.equal((await readBody(body, type)).resourceVersion, '5');
    });
  }

  for (const type of ['text/html', 'application/octet-stream', 'undefined', PROTOBUF]) {
    it(`refuses a proxy's page as ${type}`, async () => {
      const body = Buffer.from('<html>Sign in</html>');
      await assert.rejects(readBody(body, type), MalformedResponseError);
    });
  }

  const open = (body: Readable) => {
    const response = { headers: { 'content-type': PROTOBUF }, body };
    return readList(response as unknown as Parameters<typeof readList>[0], () => undefined);
  };

  it('stops reading a malformed body', async () => {
    const body = new PassThrough();
    body.write('<html>');
    await assert.rejects(open(body), MalformedResponseError);
    assert.ok(body.destroyed);
  });

  it('rejects with the error of a connection that breaks', async () => {
    const body = new PassThrough();
    body.write(MAGIC);
    const reading = open(body);
    const error = new Error('broken');
    body.destroy(error);
    await assert.rejects(reading, error);
  });

  it('rejects if a body closes before its end', async () => {
    const body = new PassThrough();
    body.write(MAGIC);
    const reading = open(body);
    body.destroy();
    await assert.rejects(reading, INCOMPLETE);
  });
});
