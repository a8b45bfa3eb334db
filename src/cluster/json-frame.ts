import type { ArrayShape, ObjectShape, Shape } from './json-shape.ts';
import { matchEnd } from './json-text.ts';

/** An object or array of which something is kept, and that has not ended. */
export type Frame = ObjectFrame | ArrayFrame;

export interface ArrayFrame {
  readonly shape: ArrayShape;
}

export interface ObjectFrame {
  readonly shape: ObjectShape;
  readonly kept: Record<string, unknown>;
  /** The member whose value comes next. */
  key: string;
}

/** The frame of what begins with this bracket; `undefined` if its shape is another. */
export function frameOf(shape: Shape | undefined, bracket: string): Frame | undefined {
  if (shape?.form === 'object' && bracket === '{') return { shape, kept: {}, key: '' };
  return shape?.form === 'array' && bracket === '[' ? { shape } : undefined;
}

export function isObject(frame: Frame | undefined): frame is ObjectFrame {
  return frame?.shape.form === 'object';
}

/** The value of this member comes next. Returns its shape; `undefined` if it is not kept. */
export function enterMember(frame: Frame | undefined, name: string): Shape | undefined {
  if (!isObject(frame)) return undefined;
  frame.key = name;
  return frame.shape.members.get(name);
}

/** Of members with the same name the last one holds. */
export function setMember({ shape, kept, key }: ObjectFrame, value: unknown): void {
  if (shape.members.has(key)) kept[key] = value;
}

/** Reads the members that are simple and whole, each in one step. Returns how far it has come. */
export function setSimpleMembers(frame: Frame | undefined, text: string, from: number): number {
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
