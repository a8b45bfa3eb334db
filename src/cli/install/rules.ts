/** What an account may do, as the API server lists it. */
export interface Rule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  /** Absent or empty means all. */
  readonly resourceNames?: readonly string[];
}

export interface Action {
  readonly verb: string;
  readonly group: string;
  readonly plural: string;
  readonly name: string;
}

/** Returns whether a rule allows an action. A rule with names never allows a create. */
export function covers(rule: Rule, { verb, group, plural, name }: Action): boolean {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [] } = rule;
  const has = (list: readonly string[], one: string) => list.includes('*') || list.includes(one);
  const isNamed = resourceNames.length > 0;
  if (isNamed && (verb === 'create' || !resourceNames.includes(name))) return false;
  return has(verbs, verb) && has(apiGroups, group) && has(resources, plural);
}
