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
  const lines: string[] = [];
  addLines(value, { first: '', indent: '', lines });
  return lines.join('\n');
}

interface Place {
  /** What stands before the value in its first line. */
  readonly first: string;
  /** What stands before it in the others. */
  readonly indent: string;
  readonly lines: string[];
}

function addLines(value: unknown, { first, indent, lines }: Place): void {
  const entries = entriesOf(value);
  if (entries.length === 0) {
    lines.push(`${first}${scalar(value)}`);
    return;
  }
  let before = first;
  for (const [key, member] of entries) {
    const inner = indent + INDENT;
    if (key === undefined) addLines(member, { first: `${before}- `, indent: inner, lines });
    else if (entriesOf(member).length === 0)
      lines.push(`${before}${textOf(key)}: ${scalar(member)}`);
    else {
      lines.push(`${before}${textOf(key)}:`);
      addLines(member, { first: inner, indent: inner, lines });
    }
    before = indent;
  }
}

/** The members of an object, or the elements of a list, which have no key. None for other values. */
function entriesOf(value: unknown): readonly (readonly [string | undefined, unknown])[] {
  if (Array.isArray(value)) return value.map((element) => [undefined, element] as const);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return textOf(value);
  if (Array.isArray(value)) return '[]';
  if (typeof value === 'object' && value !== null) return '{}';
  return JSON.stringify(value ?? null);
}

/** Returns a text as YAML, in quotes if it needs them. */
export function textOf(text: string): string {
  return PLAIN.test(text) && !NOT_TEXT.test(text) ? text : JSON.stringify(text);
}
