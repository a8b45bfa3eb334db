import { membersBut, simpleMember } from './json-text.ts';

/**
 * What to keep of a JSON value: a scalar, some members of an object, or each element of an array.
 * A value of another form than its shape is kept as `undefined`.
 */
export type Shape = ScalarShape | ObjectShape | ArrayShape;

export interface ScalarShape {
  readonly form: 'scalar';
  readonly tooLong: TooLong;
}

/** What happens to a scalar that is too long: it is kept as `undefined`, or it is an error. */
export type TooLong = 'dropped' | 'refused';

export interface ObjectShape {
  readonly form: 'object';
  readonly members: ReadonlyMap<string, Shape>;
  /** Matches members that are not kept. */
  readonly others: RegExp;
  /** Matches a member that is kept and is a simple string. */
  readonly simple: RegExp;
}

export interface ArrayShape {
  readonly form: 'array';
  readonly element: Shape;
}

export const scalar: ScalarShape = { form: 'scalar', tooLong: 'dropped' };

/** A scalar whose loss would change the meaning of the whole. */
export const strictScalar: ScalarShape = { form: 'scalar', tooLong: 'refused' };

/** Keeps these members of an object. Their names consist of letters. */
export function object(members: Readonly<Record<string, Shape>>): ObjectShape {
  const names = Object.keys(members);
  const scalars = names.filter((name) => members[name]?.form === 'scalar');
  return {
    form: 'object',
    members: new Map(Object.entries(members)),
    others: membersBut(names),
    simple: simpleMember(scalars),
  };
}

/** Passes on each element of an array. */
export function array(element: Shape): ArrayShape {
  return { form: 'array', element };
}
