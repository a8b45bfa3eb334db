import type { ArrayShape, ObjectShape, Shape } from './json-shape.ts';
import { matchEnd } from './json-text.ts';

/** An open object or array of which some parts are kept. */
export type Frame = ObjectFrame | ArrayFrame;

export interface ArrayFrame {
  readonly shape: ArrayShape;
}

export interface ObjectFrame {
  readonly shape: ObjectShape;
  readonly kept: Record<string, unknown>;
  /** The name of the member whose value is next. */
  key: string;
}

/** Returns the frame of a value with this opening bracket; `undefined` if the shape differs. */
export function frameOf(shape: Shape | undefined, bracket: string): Frame | undefined {
  if (shape?.form === 'object' && bracket === '{') return { shape, kept: {}, key: '' };
  return shape?.form === 'array' && bracket === '[' ? { shape } : undefined;
}

export function isObject(frame: Frame | undefined): frame is ObjectFrame {
  return frame?.shape.form === 'object';
}

/** Begins the value of a member. Returns its shape; `undefined` if it is not kept. */
export function enterMember(frame: Frame | undefined, name: string): Shape | undefined {
  if (!isObject(frame)) return undefined;
  frame.key = name;
  return frame.shape.members.get(name);
}

/** Sets the value of the current member. The last of several members with one name wins. */
export function setMember({ shape, kept, key }: ObjectFrame, value: unknown): void {
  if (shape.members.has(key)) kept[key] = value;
}

/** Reads simple, complete members, each in one step. Returns the index after them. */
export function setSimple(frame: Frame | undefined, text: string, from: number): number {
  if (!isObject(frame)) return from;
  const { others, simple } = frame.shape;
  for (let at = from; ; ) {
    let next = matchEnd(others, text, at);
    simple.lastIndex = next;
    const [, name, content] = simple.exec(text) ?? [];
    if (name !== undefined) {
      frame.kept[name] = content;
      next = simple.lastIndex;
    }
    if (next === at || text[next - 1] !== ',') return next;
    at = next;
  }
}
