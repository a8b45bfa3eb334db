import { load } from 'js-yaml';

/** JSON Schema, as far as it is written here. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One key of values.yaml. */
export interface Value {
  /** `['manager', 'image', 'tag']`. */
  readonly path: readonly string[];
  /** The comment above it, in one line. */
  readonly description: string;
  /** What `@schema` says of it. */
  readonly schema: JsonSchema;
  /** The last `@section` before it. */
  readonly section: string;
  readonly default: unknown;
  /** It is a key to be set, and no mere group of keys. */
  readonly isLeaf: boolean;
}

interface Comment {
  lines: string[];
  section: string;
}

/**
 * Reads values.yaml with its comments: every key that can be set, and the groups that they are in, in
 * their order. Keys below `@unset` are commented out there, as Helm must not know them.
 *
 * Throws an error that names the keys without a description.
 */
export function readValues(source: string): readonly Value[] {
  const text = withUnset(source);
  const defaults = load(text);
  const values: Value[] = [];
  const comment: Comment = { lines: [], section: '' };
  let inside: readonly string[] = [];

  for (const line of text.split('\n')) {
    const [, indent = '', key] = /^( *)([A-Za-z]\w*):/.exec(line) ?? [];
    const depth = indent.length / 2;
    if (key === undefined || isBelowLeaf(values.at(-1), depth)) {
      takeComment(comment, line);
      continue;
    }
    inside = [...inside.slice(0, depth), key];
    values.push(valueAt(inside, { defaults, comment }));
    comment.lines = [];
  }

  const silent = values.filter(({ isLeaf, description }) => isLeaf && description === '');
  if (silent.length > 0) {
    throw new Error(`values.yaml does not describe ${silent.map(nameOf).join(', ')}`);
  }
  return values;
}

/** `manager.image.tag`. */
export function nameOf({ path }: Pick<Value, 'path'>): string {
  return path.join('.');
}

/** Takes the `#` from the block of lines after `@unset`. */
function withUnset(text: string): string {
  return text.replaceAll(/^# @unset\n((?:#.*\n)+)/gm, (_, block: string) =>
    block.replaceAll(/^# ?/gm, ''),
  );
}

/** The keys of a leaf's own default are no values of ours. */
function isBelowLeaf(last: Value | undefined, depth: number): boolean {
  return last?.isLeaf === true && depth >= last.path.length;
}

/** A blank line ends a comment, so that it belongs to no key. */
function takeComment(comment: Comment, line: string): void {
  const text = /^ *# ?(.*)$/.exec(line)?.[1];
  if (text === undefined) comment.lines = [];
  else if (text.startsWith('@section ')) comment.section = text.replace('@section ', '');
  else comment.lines.push(text);
}

function valueAt(
  path: readonly string[],
  { defaults, comment }: { readonly defaults: unknown; readonly comment: Comment },
): Value {
  const value = path.reduce(
    (found, key) => (found as Readonly<Record<string, unknown>>)[key],
    defaults,
  );
  const annotation = comment.lines.find((line) => line.startsWith('@schema '));
  const schema = load(annotation?.replace('@schema ', '') ?? '{}') as JsonSchema;
  const description = comment.lines.filter((line) => line !== annotation).join(' ');
  const isGroup = isMapping(value) && Object.keys(value).length > 0;
  const isLeaf = !isGroup || 'additionalProperties' in schema;
  return { path, description, schema, section: comment.section, default: value, isLeaf };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
