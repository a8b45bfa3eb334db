import { membersBut, simpleMember } from './json-text.ts';

/**
 * What is kept of a JSON value: a scalar, some members of an object, or each element of an array.
 * What has another form than its shape is `undefined`.
 */
export type Shape = ScalarShape | ObjectShape | ArrayShape;

export interface ScalarShape {
  readonly form: 'scalar';
}

export interface ObjectShape {
  readonly form: 'object';
  readonly members: ReadonlyMap<string, Shape>;
  /** Goes over members that are not kept. */
  readonly others: RegExp;
  /** Matches a member that is kept and is a simple string. */
  readonly simple: RegExp;
}

export interface ArrayShape {
  readonly form: 'array';
  readonly element: Shape;
}

export const scalar: ScalarShape = { form: 'scalar' };

/** Keeps these members of an object. Their names are letters. */
export function object(members: Readonly<Record<string, Shape>>): ObjectShape {
  const names = Object.keys(members);
  const scalars = names.filter((name) => members[name] === scalar);
  return {
    form: 'object',
    members: new Map(Object.entries(members)),
    others: membersBut(names),
    simple: simpleMember(scalars),
  };
}

/** Passes each element of an array on. */
export function array(element: Shape): ArrayShape {
  return { form: 'array', element };
}
