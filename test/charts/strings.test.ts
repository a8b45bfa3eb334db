import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { before, describe, it } from 'node:test';
import { type Place, places, type Setting, valuesWith } from './fuzz.ts';
import { CHART, COLLECTOR_CHART, type Helm, helmOf, VERSIONS } from './helm.ts';
import { find, parse, render } from './rendered.ts';

/** Names that are numbers or nothing in YAML, unless they are in quotes. */
const NAME = '1e3';
const NAMESPACE = '123';
const FULL_NAME = 'null';
const NO_STRINGS: readonly unknown[] = [1000, 123, null];

interface Case {
  readonly title: string;
  readonly chart: string;
  /** Values that go with no other, by their path. */
  readonly without: readonly string[];
  readonly more?: readonly Setting[];
}

const CASES: readonly Case[] = [
  {
    title: 'with certificates in a ConfigMap',
    chart: CHART,
    without: ['analytics.writeKey', 'customCA.secret', 'proxy.https', 'proxy.http'],
    more: [{ path: ['service', 'name'], value: FULL_NAME }],
  },
  {
    title: 'with certificates in a Secret',
    chart: CHART,
    without: ['analytics.writeKey', 'customCA.configMap', 'proxy.https', 'proxy.http'],
    more: [{ path: ['service', 'name'], value: FULL_NAME }],
  },
  {
    title: 'with SQLite',
    chart: COLLECTOR_CHART,
    without: ['clickhouse.existingSecret.name', 'persistence.existingClaim'],
    more: [{ path: ['ingress', 'hosts'], value: [NAME] }],
  },
  {
    title: 'with ClickHouse',
    chart: COLLECTOR_CHART,
    without: ['backup.enabled', 'ingress.enabled'],
    more: [{ path: ['clickhouse', 'url'], value: 'clickhouse://u@h/d' }],
  },
];

const VARIABLES = [
  { chart: CHART, path: 'manager.env', kind: 'Deployment' },
  { chart: COLLECTOR_CHART, path: 'env', kind: 'StatefulSet' },
];
/** What a values file has, and what the container gets. The first is replaced by `--set`. */
const VALUES = [
  ['', '1'],
  [1_000_000, '1000000'],
  [0, '0'],
  [1.5, '1.5'],
  [false, 'false'],
  [' a: "b" ', ' a: "b" '],
  ['', ''],
] as const;

/** Returns values with everything switched on, and with a name that is a number wherever any text is allowed. */
function oddValues({ chart, without, more = [] }: Case): string {
  const chosen = places(chart).leaves.filter(({ path }) => !without.includes(path.join('.')));
  return valuesWith([...chosen.flatMap((place) => oddSetting(place) ?? []), ...more]);
}

function oddSetting({ path, schema }: Place): Setting | undefined {
  const types = [schema.type].flat();
  if (path.at(-1) === 'enabled' && !types.includes('string')) return { path, value: true };
  if (!types.includes('string') || types.includes('boolean') || types.includes('integer')) return;
  if ('pattern' in schema || 'enum' in schema) return;
  return { path, value: path.at(-1) === 'fullnameOverride' ? FULL_NAME : NAME };
}

/** Returns every value in an object that holds no others, with its path. */
function leavesOf(node: unknown, path: string): readonly { path: string; value: unknown }[] {
  if (typeof node !== 'object' || node === null) return [{ path, value: node }];
  return Object.entries(node).flatMap(([key, value]) => leavesOf(value, `${path}.${key}`));
}

for (const by of VERSIONS) {
  describe(`texts that YAML reads as something else, by ${by}`, () => {
    let helm: Helm;
    before(async () => {
      helm = await helmOf(by);
    });

    for (const one of CASES) {
      it(`stay text as names in ${basename(one.chart)}, ${one.title}`, async () => {
        const args = ['template', NAME, one.chart, '--namespace', NAMESPACE, '--values', '-'];
        const objects = parse(await helm.run(args, { input: oddValues(one) }));
        const leaves = objects.flatMap((object) => leavesOf(object, object.kind));
        const wrong = leaves.filter(({ value }) => NO_STRINGS.includes(value));
        assert.deepEqual(wrong, []);
        for (const name of [NAME, NAMESPACE]) {
          assert.ok(leaves.filter(({ value }) => value === name).length > 5, name);
        }
      });
    }
    for (const { chart, path, kind } of VARIABLES) {
      it(`make every value of ${path} in ${basename(chart)} a text`, async () => {
        const env = VALUES.map(([value], i) => ({ name: `V${i}`, value }));
        const values = valuesWith([{ path: path.split('.'), value: env }]);
        const set = [`${path}[0].name=DO_NOT_TRACK`, `${path}[0].value=1`];
        const objects = await render(helm, { chart, values, set });
        const found = leavesOf(find(objects, kind), '').map(({ value }) => value);
        for (const [i, [, text]] of VALUES.entries()) {
          const name = i === 0 ? 'DO_NOT_TRACK' : `V${i}`;
          assert.deepEqual(found.slice(found.indexOf(name)).slice(0, 2), [name, text]);
        }
      });
    }
  });
}
