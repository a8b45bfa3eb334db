import type { FormerValue } from './former.ts';
import { type JsonSchema, nameOf, type Value } from './values.ts';

/** A schema of a mapping, while it is built. */
interface Group {
  type: 'object';
  additionalProperties?: boolean;
  properties: Record<string, unknown>;
  required: string[];
}

/** Its unknown keys are refused by the chart's templates, which can name the right ones. */
const LEFT_TO_TEMPLATES = 'analytics';

/**
 * The values' JSON Schema, as text. It refuses keys that nobody knows, at every level, and null for
 * groups and for what can't be missed.
 */
export function schemaText(
  values: readonly Value[],
  { former }: { readonly former: readonly FormerValue[] },
): string {
  const root = group('');
  for (const value of values) {
    const [parent, key] = parentOf(root, value.path);
    parent.properties[key] = value.isLeaf ? leaf(value) : group(nameOf(value));
    if (isNeeded(value)) parent.required.push(key);
  }
  for (const { path, type } of former) {
    const [parent, key] = parentOf(root, path.split('.'));
    parent.properties[key] = {
      type: [type, 'null'],
      deprecated: true,
      description: 'Of Kusk Gateway 1.x.',
    };
  }
  const $schema = 'http://json-schema.org/draft-07/schema#';
  return `${JSON.stringify({ $schema, title: 'Values of kusk-gateway', ...root }, null, 2)}\n`;
}

function group(name: string): Group {
  const strict = name === LEFT_TO_TEMPLATES ? {} : { additionalProperties: false };
  return { type: 'object', ...strict, properties: {}, required: [] };
}

/** Null takes a key away, and not each can be missed. Of the switches it is one way to write off. */
function isNeeded({ path, isLeaf, default: value }: Value): boolean {
  if (path[0] === LEFT_TO_TEMPLATES) return false;
  return !isLeaf || (value !== '' && value !== null && typeof value !== 'object');
}

function leaf({ description, schema, default: value }: Value): JsonSchema {
  return { description, type: typeOf(value), default: value, ...schema };
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
