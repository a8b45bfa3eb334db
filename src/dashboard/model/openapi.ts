import { load } from 'js-yaml';

/** Where an API is served, as its OpenAPI document says. */
export interface Served {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

const NOTHING: Served = { hosts: [], paths: [] };
/** The largest `x-kusk` block that is parsed as YAML, in characters. */
const BLOCK_LIMIT = 16_384;
const HOSTS = /^[ \t]+hosts:[ \t]*(?:\[(?<items>[^\]\n]*)\][ \t]*)?\r?$/m;
const ITEM = /^[ \t]*-[ \t]+(?<item>.*)$/;
/** A text that means the same with and without a parser. */
const PLAIN = /^(?:"[^"\\]*"|'[^']*'|[\w.-]+)$/;
const FIRST_PATH = /\n(?<indent>[ \t]+)["']?\//;
/** The longest path that is looked at, in characters. */
const PATH_LIMIT = 500;
/** The deepest indentation that is looked at, in characters. */
const INDENT_LIMIT = 100;
const KEY = `(?:"(/[^"\\n]{0,${PATH_LIMIT}})"|'(/[^'\\n]{0,${PATH_LIMIT}})'|(/(?:[^:\\n]|:(?=\\S)){0,${PATH_LIMIT}}))`;

/**
 * Returns the hosts of `x-kusk` and the paths of an OpenAPI document in JSON or YAML.
 *
 * A YAML document is not parsed as a whole, which would take a thousand times longer: only its lines at
 * the first two levels are looked at. What is written in another way is not found.
 */
export function servedBy(document: string): Served {
  const text = document.trimStart();
  return text.startsWith('{') ? servedByJson(text) : servedByYaml(text);
}

function servedByJson(text: string): Served {
  try {
    const { paths, 'x-kusk': kusk } = JSON.parse(text);
    return { hosts: textsIn(kusk?.hosts), paths: keysOf(paths) };
  } catch {
    return NOTHING;
  }
}

function servedByYaml(text: string): Served {
  return {
    hosts: hostsIn(blockOf('x-kusk', text)),
    paths: pathsIn(blockOf('paths', text)),
  };
}

/** Returns the lines of a member of the first level, with its own; empty if there is none. */
function blockOf(name: string, text: string): string {
  const start = new RegExp(`^(?:${name}|"${name}"|'${name}'):`, 'm').exec(text)?.index;
  if (start === undefined) return '';
  const next = /\n(?=[^\s#-])/g;
  next.lastIndex = start;
  return text.slice(start, next.exec(text)?.index);
}

function hostsIn(block: string): readonly string[] {
  const found = HOSTS.exec(block);
  const items = found?.groups?.items?.split(',') ?? itemsAfter(found, block);
  const texts = items.map((item) => item.trim()).filter((item) => item !== '');
  if (texts.length > 0 && texts.every((text) => PLAIN.test(text))) return texts.map(unquoted);
  return block.includes('hosts') && block.length <= BLOCK_LIMIT ? yamlHosts(block) : [];
}

function itemsAfter(found: RegExpExecArray | null, block: string): readonly string[] {
  if (found === null) return [];
  const rest = block.slice(found.index + found[0].length, found.index + BLOCK_LIMIT);
  const lines = rest.split(/\r?\n/).slice(1);
  const end = lines.findIndex((line) => !ITEM.test(line));
  return lines
    .slice(0, end < 0 ? undefined : end)
    .map((line) => ITEM.exec(line)?.groups?.item ?? '');
}

function yamlHosts(block: string): readonly string[] {
  try {
    const root = load(block, { maxAliases: 10 }) as { readonly 'x-kusk'?: unknown } | null;
    return textsIn((root?.['x-kusk'] as { readonly hosts?: unknown } | null)?.hosts);
  } catch {
    return [];
  }
}

/** Returns the keys of the first level of a block that look like paths. */
function pathsIn(block: string): readonly string[] {
  const indent = FIRST_PATH.exec(block)?.groups?.indent;
  if (indent === undefined || indent.length > INDENT_LIMIT) return [];
  const keys = block.matchAll(keysAt(indent));
  return Array.from(
    keys,
    ([, double, single, plain]) => double ?? single ?? plain?.trimEnd() ?? '',
  );
}

const USUAL_INDENT = 8;
const expressions = new Map<string, RegExp>();

/** Returns what matches a path at this indentation. The usual ones are compiled once. */
function keysAt(indent: string): RegExp {
  const known = expressions.get(indent);
  if (known) return known;
  const created = new RegExp(`\\n${indent}${KEY}[ \\t]*:(?=\\s|$)`, 'g');
  if (indent.length <= USUAL_INDENT) expressions.set(indent, created);
  return created;
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function unquoted(text: string): string {
  return /^['"]/.test(text) ? text.slice(1, -1) : text;
}
