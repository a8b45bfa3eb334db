import type { FormerValue } from './former.ts';
import { type JsonSchema, nameOf, type Value } from './values.ts';

/** A schema of a mapping, while it is built. */
interface Group {
  type: readonly ['object', 'null'] | 'object';
  additionalProperties?: boolean;
  properties: Record<string, unknown>;
}

/** Its unknown keys are refused by the chart's templates, which can name the right ones. */
const LEFT_TO_TEMPLATES = 'analytics';

/**
 * The values' JSON Schema, as text. It refuses keys that do not exist, at every level. It requires none
 * and allows null everywhere: `--reuse-values` keeps the values of an older chart, which lack the newer
 * keys, and the templates have their defaults.
 */
export function schemaText(
  values: readonly Value[],
  { title, former }: { readonly title: string; readonly former: readonly FormerValue[] },
): string {
  const root: Group = { ...group(''), type: 'object' };
  for (const value of values) {
    const [parent, key] = parentOf(root, value.path);
    parent.properties[key] = value.isLeaf ? leaf(value) : group(nameOf(value));
  }
  for (const { path, type } of former) {
    const [parent, key] = parentOf(root, path.split('.'));
    parent.properties[key] = {
      type: [type, 'null'],
      deprecated: true,
      description: 'Of Kusk Gateway 1.x, or of an earlier version of this chart.',
    };
  }
  const $schema = 'http://json-schema.org/draft-07/schema#';
  return `${JSON.stringify({ $schema, title, ...root }, null, 2)}\n`;
}

function group(name: string): Group {
  const strict = name === LEFT_TO_TEMPLATES ? {} : { additionalProperties: false };
  return { type: ['object', 'null'], ...strict, properties: {} };
}

function leaf({ description, schema, default: value }: Value): JsonSchema {
  const { type = typeOf(value), enum: choices, ...rest } = schema;
  const types = [...new Set([type, 'null'].flat())];
  const allowed = Array.isArray(choices) ? { enum: [...choices, null] } : {};
  return { description, type: types, default: value, ...rest, ...allowed };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' ? 'integer' : typeof value;
}

/** The group that a path's last key is in, and that key. */
function parentOf(root: Group, path: readonly string[]): readonly [Group, string] {
  const parent = path.slice(0, -1).reduce((found, key) => found.properties[key] as Group, root);
  return [parent, path.at(-1) ?? ''];
}
