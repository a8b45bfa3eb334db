import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../lab/support/root.ts';
import { runToEnd } from '../../lab/support/run.ts';
import { readmeWithTables } from '../../tools/chart/readme.ts';
import { patches } from '../../tools/chart/render.ts';
import { schemaText } from '../../tools/chart/schema.ts';
import { UNAVAILABLE } from '../../tools/chart/unavailable.ts';
import { nameOf, readValues } from '../../tools/chart/values.ts';

const VALUES = `# About the file.

# @section First

# How many,
# in all.
# @schema {minimum: 0}
count: 1
pod:
  # Which | what.
  name: ""
  # Free.
  # @schema {additionalProperties: true}
  context:
    user: 1

# @section Second

# Some.
list: []
`;

describe('readValues', () => {
  it('returns each key with its comment, its section and its schema', () => {
    const found = readValues(VALUES).map((value) => [
      nameOf(value),
      value.description,
      value.section,
      value.isLeaf,
    ]);
    assert.deepEqual(found, [
      ['count', 'How many, in all.', 'First', true],
      ['pod', '', 'First', false],
      ['pod.name', 'Which | what.', 'First', true],
      ['pod.context', 'Free.', 'First', true],
      ['list', 'Some.', 'Second', true],
    ]);
  });

  it('names the keys that nobody has described', () => {
    assert.throws(() => readValues('a: 1\nb:\n  c: 2\n'), /does not describe a, b\.c$/);
  });
});

describe('schemaText', () => {
  it('is strict, with types from the defaults', () => {
    const former = [{ path: 'pod.command', type: 'array' }];
    const { properties, ...root } = JSON.parse(
      schemaText(readValues(VALUES), { title: 'Values', former }),
    );
    assert.equal(root.additionalProperties, false);
    assert.equal(root.required, undefined);
    assert.deepEqual(properties.count, {
      description: 'How many, in all.',
      type: ['integer', 'null'],
      default: 1,
      minimum: 0,
    });
    assert.deepEqual(Object.keys(properties.pod.properties), ['name', 'context', 'command']);
    assert.equal(properties.pod.properties.context.additionalProperties, true);
    assert.deepEqual(properties.list.type, ['array', 'null']);
  });
});

describe('readmeWithTables', () => {
  const place = (part: string) =>
    `<!-- ${part}: made by npm run fix -->\nold\n<!-- end of ${part} -->`;
  const tables = { values: readValues(VALUES), former: [{ path: 'a', type: 'array' }] };

  it('puts the tables where they belong, and the same a second time', () => {
    const readme = `# Title\n${place('former values')}\nbetween\n${place('values')}\nend\n`;
    const made = readmeWithTables(readme, tables);
    assert.match(made, /\| `pod\.name` \| Which \\\| what\. \| `""` \|/);
    assert.match(made, /\| `a` \| without effect \|/);
    assert.doesNotMatch(made, /^old$/m);
    assert.equal(readmeWithTables(made, tables), made);
  });

  it('complains of a README without a place for them', () => {
    assert.throws(() => readmeWithTables('# Title\n', tables), /has no place for its values/);
  });
});

describe('patches', () => {
  const object = (name: string, data: object) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

  it('delete what is gone and give whole what is different', () => {
    const from = [object('same', {}), object('other', { a: '1' }), object('gone', {})];
    const to = [object('same', {}), object('other', { a: '2' })];
    assert.deepEqual(patches(from.join('\n---\n'), to.join('\n---\n')), {
      changes: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\ndata:\n  a: '2'\n",
      deletions: [
        {
          kind: 'ConfigMap',
          text: '$patch: delete\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gone\n',
        },
      ],
    });
  });
});

describe('npm run check of the charts', () => {
  it('says by its exit code that Helm cannot be had', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kusk-no-helm-'));
    t.after(() => rmSync(folder, { recursive: true }));
    // Neither Helm nor Go nor Python is on the PATH.
    const env = { PATH: folder, HOME: folder, XDG_CACHE_HOME: folder };
    const script = join(ROOT, 'tools/chart.ts');
    const { code, problem } = await runToEnd(process.execPath, [script, '--check'], { env });
    assert.equal(code, UNAVAILABLE);
    assert.match(problem, /^Go \d\.\d+\.\d+ or later is needed to build helm \(once\)/m);
  });
});
