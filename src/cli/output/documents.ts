import type { Terminal } from './terminal.ts';

/** What neither JSON nor YAML escapes by itself, and a terminal acts on. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

export interface DocumentOptions<Value> {
  /** The value of `-o`: `json`, `yaml`, or `text` for anything else. */
  readonly format: string | undefined;
  /** Lays the value out for a person. */
  readonly text: (value: Value) => string;
  readonly terminal: Pick<Terminal, 'write'>;
}

/** Prints what a command returns, in the format of `-o`. */
export async function writeDocument<Value>(
  value: Value,
  { format, text, terminal }: DocumentOptions<Value>,
): Promise<void> {
  if (format === 'json') terminal.write(jsonText(value));
  else if (format === 'yaml') terminal.write(await yamlText(value));
  else terminal.write(text(value));
}

/**
 * Returns the value as JSON that ends with a line break.
 *
 * It is the same value when it is read again, and a terminal does nothing but show it.
 */
export function jsonText(value: unknown): string {
  return `${escapeUnsafe(JSON.stringify(value, undefined, 2))}\n`;
}

/** As `jsonText`, but YAML. */
export async function yamlText(value: unknown): Promise<string> {
  const { DEFAULT_SCALAR_STYLE_RULES, dump, SCALAR_STYLE_DOUBLE_QUOTED } = await import('js-yaml');
  const yaml = dump(value, {
    noRefs: true,
    lineWidth: -1,
    scalarStyleRules: [
      // Only a text in double quotes can hold an escape.
      (layout) => {
        if (layout.node.value.search(UNSAFE) >= 0) layout.style = SCALAR_STYLE_DOUBLE_QUOTED;
      },
      ...Object.values(DEFAULT_SCALAR_STYLE_RULES),
    ],
  });
  return escapeUnsafe(yaml);
}

function escapeUnsafe(document: string): string {
  return document.replaceAll(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
