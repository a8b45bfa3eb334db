import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MalformedResponseError } from '../../src/cluster/errors.ts';
import { jsonScanner } from '../../src/cluster/json-scanner.ts';
import { array, object, type Shape, scalar, strictScalar } from '../../src/cluster/json-shape.ts';

const ITEM = object({ uid: scalar, inner: object({ uid: scalar, more: scalar }) });
const SHAPE = object({ type: scalar, uid: scalar, inner: ITEM, items: array(ITEM) });
const NAMES = ['type', 'uid', 'inner', 'items', 'more', 'other', '', '__proto__', 'ui', 'uidx'];
const MIB = 1_048_576;

interface Scanned {
  readonly values: readonly unknown[];
  readonly elements: readonly unknown[];
  readonly isBetweenValues: boolean;
}

function scan(chunks: Iterable<Uint8Array>, shape: Shape = SHAPE): Scanned {
  const values: unknown[] = [];
  const elements: unknown[] = [];
  const { write, isBetweenValues } = jsonScanner({
    shape,
    onElement: (element) => void elements.push(element),
    onValue: (value) => void values.push(value),
  });
  for (const chunk of chunks) write(chunk);
  return { values, elements, isBetweenValues: isBetweenValues() };
}

const scanText = (text: string, shape?: Shape) => scan([Buffer.from(text)], shape);

/** Cuts bytes at these places, even in the middle of a character. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

/** Returns what must be kept of a whole value, without the code under test. */
function kept(value: unknown, shape: Shape, elements: unknown[]): unknown {
  if (shape.form === 'scalar') return isContainer(value) ? undefined : value;
  if (shape.form === 'array') {
    const all = Array.isArray(value) ? value : [];
    elements.push(...all.map((element) => kept(element, shape.element, elements)));
    return undefined;
  }
  if (!isContainer(value) || Array.isArray(value)) return undefined;
  return Object.fromEntries(
    Object.keys(value)
      .filter((name) => shape.members.has(name))
      .map((name) => [name, kept(value[name], shape.members.get(name) as Shape, elements)]),
  );
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** JSON in many equivalent spellings. */
const blank = fc.constantFrom('', '', '', ' ', '\n', '\t\r\n ', '    ');
const text = fc
  .oneof(
    fc.constantFrom(...NAMES),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom('\\', '"', '{', '}', '[', ']', ',', ':', 'a') }),
  )
  .chain((content) => fc.constantFrom(JSON.stringify(content), escaped(content)));

/** Returns a JSON string with each UTF-16 unit as an escape. */
function escaped(content: string): string {
  const units = Array.from({ length: content.length }, (_, at) => content.charCodeAt(at));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}

const other = fc.oneof(
  fc.constantFrom('true', 'false', 'null', '0', '-0', '-1.5e+10', '1E-7', '""'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);

const { json } = fc.letrec<{ json: string; object: string; array: string }>((tie) => ({
  json: fc.oneof({ maxDepth: 12 }, text, other, tie('object'), tie('array')),
  object: fc
    .uniqueArray(fc.tuple(text, tie('json'), blank), {
      maxLength: 5,
      // The last of several members with one name wins, but elements of the first were passed on.
      selector: ([name]) => JSON.parse(name) as string,
    })
    .map((members) => members.map(([name, value, gap]) => `${gap}${name}${gap}:${gap}${value}`))
    .chain((members) => blank.map((gap) => `{${members.join(`${gap},`)}${gap}}`)),
  array: fc
    .array(tie('json'), { maxLength: 5 })
    .chain((elements) => blank.map((gap) => `[${gap}${elements.join(`${gap},${gap}`)}${gap}]`)),
}));

describe('what is kept of JSON', () => {
  it('is what JSON.parse would keep, for any spelling and any cuts', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 3 }), fc.array(fc.nat()), (texts, places) => {
        const bytes = Buffer.from(texts.map((one) => `${one}\n`).join(''));
        const elements: unknown[] = [];
        const values = texts.map((one) => kept(JSON.parse(one), SHAPE, elements));
        assert.deepEqual(scan(cut(bytes, places)), { values, elements, isBetweenValues: true });
      }),
      { numRuns: 5_000 },
    );
  });

  it('is the same byte by byte', () => {
    fc.assert(
      fc.property(json, (one) => {
        const bytes = Buffer.from(`${one}\n`);
        assert.deepEqual(scan([...bytes].map((byte) => Buffer.of(byte))), scan([bytes]));
      }),
      { numRuns: 1_000 },
    );
  });

  const cases = [
    { title: 'members in any order', json: '{"items":[{"uid":"1"}],"uid":"2"}', uid: '2' },
    { title: 'the last of two', json: '{"uid":"1","uid":"2"}', uid: '2' },
    { title: 'the last of two, of another form', json: '{"uid":"1","uid":{}}', uid: undefined },
    { title: 'a name spelled in escapes', json: '{"\\u0075id":"1"}', uid: '1' },
    { title: 'nothing from the text of a value', json: '{"a":"\\",\\"uid\\":\\"1\\""}' },
    { title: 'nothing from nested values', json: '{"a":{"uid":"1"},"b":[{"uid":"2"}]}' },
    {
      title: 'a string with escapes',
      json: '{"uid":"\\u00fc\\n\\ud83d\\ude00ü😀"}',
      uid: 'ü\n😀ü😀',
    },
    { title: 'nothing of a scalar that is too long', json: `{"uid":"${'x'.repeat(8_193)}"}` },
  ];
  for (const { title, json: one, uid } of cases) {
    it(`is ${title}`, () => {
      for (const size of [1, 2, 3, 7, 100_000]) {
        const bytes = Buffer.from(one);
        const places = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => at * size);
        const [value] = scan(cut(bytes, places)).values as { uid?: unknown }[];
        assert.equal(value?.uid, uid);
      }
    });
  }
});

describe('a scalar that must not be dropped', () => {
  const shape = object({ token: strictScalar });
  const tooLong = new MalformedResponseError('sent a text that is too long');
  const cutInto = (bytes: Buffer, size: number) =>
    cut(
      bytes,
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => at * size),
    );

  for (const size of [1, 7, 4_096, 100_000]) {
    it(`is kept up to 8,192 bytes and refused beyond, in pieces of ${size}`, () => {
      const longest = 'x'.repeat(8_192);
      const kept = Buffer.from(JSON.stringify({ token: longest }));
      assert.deepEqual(scan(cutInto(kept, size), shape).values, [{ token: longest }]);
      for (const json of [`{"token":"${longest}x"}`, `{"token":${'1'.repeat(8_193)}}`]) {
        assert.throws(() => scan(cutInto(Buffer.from(json), size), shape), tooLong);
      }
    });
  }

  it('may be short, absent or of another form', () => {
    const { values } = scanText('{"token":"a"}{}{"token":{}}{"token":null}', shape);
    assert.deepEqual(values, [{ token: 'a' }, {}, { token: undefined }, { token: null }]);
  });

  it('does not limit the names of members, or other values', () => {
    const long = 'x'.repeat(100_000);
    const { values } = scanText(`{"${long}":"${long}","token":"a"}`, shape);
    assert.deepEqual(values, [{ token: 'a' }]);
  });
});

describe('what is skipped', () => {
  /** Yields the beginning of an object, then a filling several times. */
  function* around(filling: string, times: number) {
    yield Buffer.from('{"a":');
    const chunk = Buffer.from(filling);
    for (let count = 0; count < times; count += 1) yield chunk;
  }

  const fillings = [
    { title: 'a string of 16 MiB', begin: '"', filling: 'x'.repeat(65_536), end: '"' },
    { title: 'quotes in a string', begin: '"', filling: '\\"'.repeat(32_768), end: '"' },
    { title: 'backslashes', begin: '"', filling: '\\\\'.repeat(32_768), end: '"' },
    { title: 'cut escapes', begin: '"\\', filling: `"${'\\"'.repeat(32_767)}\\`, end: '""' },
    { title: 'brackets', begin: '[', filling: '{},[],'.repeat(10_000), end: '0]' },
    { title: 'members', begin: '{', filling: '"a":"b",'.repeat(8_192), end: '"a":0}' },
    { title: 'numbers', begin: '[', filling: '1,'.repeat(32_768), end: '1]' },
    { title: 'blanks', begin: '', filling: ' '.repeat(65_536), end: '1' },
    { title: 'one number', begin: '', filling: '1'.repeat(65_536), end: '' },
  ];
  for (const { title, begin, filling, end } of fillings) {
    it(`may be ${title}, and uses no memory`, () => {
      const before = process.memoryUsage().heapUsed;
      const chunks = (function* all() {
        yield* around(begin, 1);
        yield* Array.from({ length: 256 }, () => Buffer.from(filling)).values();
        yield Buffer.from(`${end},"uid":"1"}`);
      })();
      assert.deepEqual(scan(chunks).values, [{ uid: '1' }]);
      assert.ok(process.memoryUsage().heapUsed - before < 64 * MIB);
    });
  }

  it('may be nested to any depth', () => {
    const depth = 200_000;
    const deep = `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`;
    assert.deepEqual(scanText(`{"a":${deep},"uid":"1"}`).values, [{ uid: '1' }]);
  });

  it('takes linear time, whatever it is', () => {
    const hostile = [
      '{"a":'.repeat(10),
      '[[[[[[[[[',
      '{"a":[{"b":[{"c":[{"d":[{"e":',
      '"',
      '\\',
      '{"uid":',
      '[',
    ];
    const pieces = fc.array(fc.constantFrom(...hostile), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(pieces, (some) => {
        const chunk = Buffer.from(`{"a":${some.join('').repeat(20_000)}`);
        const startedAt = performance.now();
        try {
          scan([chunk]);
        } catch (error) {
          assert.ok(error instanceof MalformedResponseError);
        }
        assert.ok(performance.now() - startedAt < 10_000);
      }),
      { numRuns: 60 },
    );
  });
});

describe('malformed JSON', () => {
  const broken = [
    '{"uid"}',
    '{uid:1}',
    '{"uid":"1",}x',
    '{"uid":"\\x"}',
    '{"uid":1x}',
    '{"uid":}',
    '{"items":[,]}',
    '{"items":[1 2]}',
    '{"uid":"1"]',
    '{,}',
    '}',
    ']',
    ':',
  ];
  for (const one of broken) {
    it(`is refused: ${one}`, () => {
      assert.throws(() => scanText(`${one} `), MalformedResponseError);
    });
  }

  it('causes no other error, whatever is changed in it', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(json, fc.array(change, { minLength: 1, maxLength: 4 }), (one, changes) => {
        const bytes = Buffer.from(`{"items":[${one}],"uid":"1"}`);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        try {
          scan([bytes]);
        } catch (error) {
          assert.ok(error instanceof MalformedResponseError);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('includes every incomplete value', () => {
    const whole = '{"items":[{"uid":"1"}],"uid":"2"}';
    for (let end = 1; end < whole.length; end += 1) {
      const { values, isBetweenValues } = scanText(whole.slice(0, end));
      assert.deepEqual({ values, isBetweenValues }, { values: [], isBetweenValues: false });
    }
  });
});

describe('a value without end', () => {
  const chunk = (filling: string) => Buffer.from(filling.repeat(MIB / filling.length));
  const endless = {
    string: ['{"a":"', 'x'],
    array: ['{"a":[', '1,'],
    number: ['{"uid":', '1'],
    blanks: ['{', ' '],
    name: ['{"', 'a'],
    depth: ['{"a":', '['],
  } as const;
  for (const [title, [begin, filling]] of Object.entries(endless)) {
    it(`is refused after 64 MiB: ${title}`, () => {
      const chunks = (function* all() {
        yield Buffer.from(begin);
        for (let count = 0; count <= 64; count += 1) yield chunk(filling);
      })();
      assert.throws(() => scan(chunks), new MalformedResponseError('sent a value without end'));
    });
  }

  it('does not include a list of many elements, each of which ends', () => {
    const element = `{"a":"${'x'.repeat(MIB)}","uid":"1"},`;
    const chunks = (function* all() {
      yield Buffer.from('{"items":[');
      for (let count = 0; count < 100; count += 1) yield Buffer.from(element);
      yield Buffer.from('1]}');
    })();
    assert.equal(scan(chunks).elements.length, 101);
  });
});
