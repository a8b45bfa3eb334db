import { load } from 'js-yaml';

/** Where an API is served, as its OpenAPI document says. */
export interface Served {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

const NOTHING: Served = { hosts: [], paths: [] };
/** The largest `x-kusk` block that is parsed as YAML, in characters. */
const BLOCK_LIMIT = 16_384;
/** The longest line that is looked at, in characters. */
const LINE_LIMIT = 1_024;
const HOSTS = /^[ \t]+hosts:[ \t]*(?:\[(?<items>[^\]]*)\][ \t]*)?$/;
const ITEM = /^[ \t]*-[ \t]+(?<item>.*)$/;
/** A text that means the same with and without a parser. */
const PLAIN = /^(?:"[^"\\]*"|'[^']*'|[\w.-]+)$/;
const PATH = /^(?<indent>[ \t]+)(?:"(\/[^"]*)"|'(\/[^']*)'|(\/(?:[^:]|:(?=\S))*))[ \t]*:(?:\s|$)/;

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
  const lines = linesOf(block);
  const start = lines.findIndex((line) => HOSTS.test(line));
  const flow = HOSTS.exec(lines[start] ?? '')?.groups?.items;
  const items = flow?.split(',') ?? itemsAfter(start, lines);
  const texts = items.map((item) => item.trim()).filter((item) => item !== '');
  if (texts.length > 0 && texts.every((text) => PLAIN.test(text))) return texts.map(unquoted);
  return block.includes('hosts') && block.length <= BLOCK_LIMIT ? yamlHosts(block) : [];
}

function itemsAfter(start: number, lines: readonly string[]): readonly string[] {
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !ITEM.test(line));
  return rest
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
  const found = linesOf(block)
    .map((line) => PATH.exec(line))
    .filter((match) => match !== null);
  const indent = found[0]?.groups?.indent;
  return found
    .filter(({ groups }) => groups?.indent === indent)
    .map(([, , double, single, plain]) => double ?? single ?? plain?.trimEnd() ?? '');
}

function linesOf(block: string): readonly string[] {
  return block.split(/\r?\n/).filter((line) => line.length <= LINE_LIMIT);
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
