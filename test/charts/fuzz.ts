import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART } from './helm.ts';

interface Schema {
  readonly type: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly default?: unknown;
}

/** Where a value stands, and what its schema is. */
export interface Place {
  readonly path: readonly string[];
  readonly schema: Schema;
}

/** Every place of a chart's schema: groups of keys, the root among them, and keys to be set. */
export function places(chart = CHART): {
  readonly groups: readonly Place[];
  readonly leaves: readonly Place[];
} {
  const text = readFileSync(join(chart, 'values.schema.json'), 'utf8');
  const all = below({ path: [], schema: JSON.parse(text) as Schema });
  const isGroup = ({ schema }: Place) => schema.properties !== undefined && !isOpen(schema);
  return { groups: all.filter(isGroup), leaves: all.filter((place) => !isGroup(place)) };
}

/** One value for each of the types that a schema does not allow. */
export function wrongFor({ type }: Schema): readonly unknown[] {
  const types = [type].flat();
  const values = { boolean: true, integer: 7, string: 'text', array: [7], object: { a: 7 } };
  return Object.entries(values).flatMap(([name, value]) => (types.includes(name) ? [] : [value]));
}

export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** A values file, as JSON. */
export function valuesWith(settings: readonly Setting[]): string {
  const root: Record<string, unknown> = {};
  for (const { path, value } of settings) {
    const group = path.slice(0, -1).reduce((found, key) => {
      found[key] ??= {};
      return found[key] as Record<string, unknown>;
    }, root);
    group[path.at(-1) ?? ''] = value;
  }
  return JSON.stringify(root);
}

function below(place: Place): readonly Place[] {
  const { path, schema } = place;
  if (isOpen(schema)) return [place];
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, one]) =>
    below({ path: [...path, key], schema: one }),
  );
  return [place, ...inner];
}

/** What others define: `global`, Kubernetes' own types. */
function isOpen(schema: Schema): boolean {
  return (schema as { readonly additionalProperties?: unknown }).additionalProperties === true;
}
