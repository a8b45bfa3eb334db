import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MalformedResponseError } from '../../../src/cluster/errors.ts';
import { resourceReader, type SeenResource } from '../../../src/dashboard/model/resource-reader.ts';
import { anObject } from './api-server.ts';

const NOW = 1_795_500_000;

/** Reads a list in chunks of so many bytes. */
async function readList(
  items: readonly unknown[],
  chunk = 1_000,
): Promise<readonly SeenResource[]> {
  const bytes = Buffer.from(JSON.stringify({ metadata: { resourceVersion: '9' }, items }));
  const found: SeenResource[] = [];
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
    bytes.subarray(index * chunk, (index + 1) * chunk),
  );
  const response = { headers: {}, body: Readable.from(chunks) };
  await resourceReader.readList(
    response as unknown as Parameters<typeof resourceReader.readList>[0],
    (object) => void found.push(resourceReader.itemOf('API', object, NOW)),
  );
  return found;
}

/** Reads the events of a watch. */
function readEvents(events: readonly unknown[], chunk = 1_000): readonly SeenResource[] {
  const found: SeenResource[] = [];
  const scanner = resourceReader.watchScanner((event) => {
    const { object } = event as { readonly object: unknown };
    found.push(resourceReader.itemOf('API', object, NOW));
  });
  const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  for (let at = 0; at < bytes.length; at += chunk) scanner.write(bytes.subarray(at, at + chunk));
  return found;
}

async function read(fields: Readonly<Record<string, unknown>>): Promise<SeenResource> {
  const [found = assert.fail()] = await readList([anObject('a', fields)]);
  return found;
}

describe('a resource that is read', () => {
  const names = { fleet: undefined, hosts: [], paths: [], omitted: 0 };
  const cases = [
    { title: 'has no spec', fields: {}, expected: names },
    { title: 'has a spec of another form', fields: { spec: [{ hosts: ['a'] }] }, expected: names },
    {
      title: 'has a fleet without a namespace',
      fields: { spec: { fleet: { name: 'f' } } },
      expected: { ...names, fleet: 'f' },
    },
    {
      title: 'has null for everything',
      fields: { spec: { fleet: null, hosts: null, spec: null } },
      expected: names,
    },
    {
      title: 'has hosts of other forms',
      fields: { spec: { hosts: ['a', 7, null, { b: ['c'] }, ['d'], 'e'] } },
      expected: { ...names, hosts: ['a', 'e'] },
    },
    {
      title: 'has hostile hosts, which are kept as they are',
      fields: { spec: { hosts: ['<img src=x onerror=alert(1)>', '\u202eevil', '\u0000"\\'] } },
      expected: { ...names, hosts: ['<img src=x onerror=alert(1)>', '\u202eevil', '\u0000"\\'] },
    },
    {
      title: 'has its hosts and paths in an OpenAPI document',
      fields: { spec: { spec: 'x-kusk:\n  hosts: ["*"]\npaths:\n  "/ä b": {}\n' } },
      expected: { ...names, hosts: ['*'], paths: ['/ä b'] },
    },
  ];
  for (const { title, fields, expected } of cases) {
    it(title, async () => {
      const { fleet, hosts, paths, omitted } = await read(fields);
      assert.deepEqual({ fleet, hosts, paths, omitted }, expected);
    });
  }

  it('has a bounded size', async () => {
    const many = Array.from({ length: 1_000 }, () => 'h'.repeat(1_000));
    const paths = Array.from({ length: 300 }, (_, index) => `  /${index}: {}\n`).join('');
    const fleet = { name: 'f'.repeat(5_000), namespace: 'n' };
    const found = await read({ spec: { fleet, hosts: many, spec: `paths:\n${paths}` } });
    assert.deepEqual([found.hosts.length, found.paths.length, found.omitted], [20, 20, 980 + 280]);
    assert.ok(JSON.stringify(found).length < 10_000);
  });

  it('has no hosts of the one before it, whatever stands in its annotations', async () => {
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': '"hosts":["x"]'.repeat(20_000),
    };
    const first = anObject('a', { spec: { hosts: ['a.example'] } });
    const second = anObject('b');
    const items = [first, { ...second, metadata: { ...second.metadata, annotations } }];
    const found = await readList(items, 777);
    assert.deepEqual(
      found.map(({ hosts }) => hosts),
      [['a.example'], []],
    );
  });

  it('lacks nothing but its document if that is larger than a megabyte', async () => {
    const found = await read({
      spec: { hosts: ['a'], spec: `paths:\n  /a: {}\n${'#'.repeat(2 ** 21)}` },
    });
    assert.deepEqual([found.hosts, found.paths], [['a'], []]);
  });

  it('is an error without a UID', async () => {
    await assert.rejects(readList([{ metadata: {} }]), MalformedResponseError);
  });

  it('is the same in a list and in a watch, in any pieces', async () => {
    const host = fc.string({ unit: 'binary', maxLength: 30 });
    const specs = fc.record(
      { hosts: fc.array(host, { maxLength: 25 }), fleet: fc.record({ name: host }), spec: host },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(specs, { maxLength: 5 }),
        fc.integer({ min: 1, max: 300 }),
        async (all, chunk) => {
          const items = all.map((spec, index) => anObject(`uid-${index}`, { spec }));
          const listed = await readList(items, chunk);
          const watched = readEvents(
            items.map((object) => ({ type: 'ADDED', object })),
            chunk,
          );
          assert.deepEqual(watched, listed);
          assert.deepEqual(
            listed.map(({ hosts }) => hosts),
            all.map(({ hosts = [] }) => hosts.slice(0, 20)),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});
