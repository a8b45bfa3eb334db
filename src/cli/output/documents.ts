import type { Terminal } from './terminal.ts';
import { yamlOf } from './yaml.ts';

/** What JSON does not escape by itself, and a terminal acts on. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

export interface DocumentOptions<Value> {
  /** The value of `-o`: `json`, `yaml`, or `text` for anything else. */
  readonly format: string | undefined;
  /** Lays the value out for a person. */
  readonly text: (value: Value) => string;
  readonly terminal: Pick<Terminal, 'write'>;
}

/** Prints what a command returns, in the format of `-o`. */
export function writeDocument<Value>(
  value: Value,
  { format, text, terminal }: DocumentOptions<Value>,
): void {
  if (format === 'json') terminal.write(jsonText(value));
  else if (format === 'yaml') terminal.write(yamlText(value));
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

/** As `jsonText`, but YAML. What is unsafe stands in double quotes there too. */
export function yamlText(value: unknown): string {
  return `${escapeUnsafe(yamlOf(value))}\n`;
}

function escapeUnsafe(document: string): string {
  return document.replaceAll(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
