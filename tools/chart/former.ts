import { load } from 'js-yaml';

/** A value of Kusk Gateway 1.x's chart, or of an earlier version of ours, that has no place in it now. */
export interface FormerValue {
  /** `manager.command`. */
  readonly path: string;
  /** In JSON Schema's words. */
  readonly type: string;
  /** What is made of it, if anything. */
  readonly use?: string;
}

/** Reads the chart's files/former-values.yaml. */
export function readFormer(text: string): readonly FormerValue[] {
  return load(text) as readonly FormerValue[];
}
