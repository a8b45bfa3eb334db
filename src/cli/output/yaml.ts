/** Text that needs no quotes: it begins as no other value does, and holds no sign of YAML's. */
const PLAIN = /^[A-Za-z/](?:[\w./@-]|:(?=[\w/])| (?=[A-Za-z]))*$/;
/** What YAML 1.1 or 1.2 takes for another value. */
const NOT_TEXT = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

const INDENT = '  ';

/**
 * Returns a value of JSON as YAML, without a line break at the end.
 *
 * js-yaml takes sixty times as long for the objects of an installation, and as long again to load.
 * Texts are written as in JSON, which YAML can read, unless they need no quotes.
 * @see https://yaml.org/spec/1.2.2/#731-double-quoted-style
 */
export function yamlOf(value: unknown): string {
  return linesOf(value).join('\n');
}

function linesOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap(elementLines);
  if (isObject(value)) {
    const members = Object.entries(value).filter(([, one]) => one !== undefined);
    if (members.length > 0) return members.flatMap(([key, one]) => memberLines(key, one));
    return ['{}'];
  }
  return [typeof value === 'string' ? textOf(value) : JSON.stringify(value ?? null)];
}

function elementLines(element: unknown): readonly string[] {
  const [first = '', ...more] = linesOf(element);
  return [`- ${first}`, ...more.map(indented)];
}

function memberLines(key: string, value: unknown): readonly string[] {
  const [first = '', ...more] = linesOf(value);
  const isBlock = (Array.isArray(value) || isObject(value)) && !/^(?:\[\]|\{\})$/.test(first);
  if (!isBlock) return [`${textOf(key)}: ${first}`];
  return [`${textOf(key)}:`, ...[first, ...more].map(indented)];
}

function textOf(text: string): string {
  return PLAIN.test(text) && !NOT_TEXT.test(text) ? text : JSON.stringify(text);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function indented(line: string): string {
  return `${INDENT}${line}`;
}
