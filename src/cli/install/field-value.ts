/**
 * Returns the value of a field in an object, by the path that the API server names it with:
 * `.spec.template.spec.containers[name="manager"].image`. `undefined` if it is not there.
 */
export function fieldValue(object: unknown, path: string): unknown {
  let value = object;
  let rest = path;
  while (rest !== '') {
    const next = rest.startsWith('[') ? listItem(value, rest) : member(value, rest);
    if (next === undefined) return undefined;
    ({ value, rest } = next);
  }
  return value;
}

interface Next {
  readonly value: unknown;
  readonly rest: string;
}

/** A key may have dots in it, as labels have. The longest one that fits is meant. */
function member(value: unknown, path: string): Next | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fits = Object.keys(value)
    .filter((key) => path.startsWith(`.${key}`) && /^($|[.[])/.test(path.slice(key.length + 1)))
    .sort((one, other) => other.length - one.length);
  const [key] = fits;
  if (key === undefined) return undefined;
  return {
    value: (value as Readonly<Record<string, unknown>>)[key],
    rest: path.slice(key.length + 1),
  };
}

function listItem(value: unknown, path: string): Next | undefined {
  const [token = '', inside = ''] = /^\[([^\]]*)\]/.exec(path) ?? [];
  if (token === '' || !Array.isArray(value)) return undefined;
  const rest = path.slice(token.length);
  if (/^\d+$/.test(inside)) return { value: value[Number(inside)], rest };
  const pairs = [...inside.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)];
  const found = value.find((item: Readonly<Record<string, unknown>> | null) =>
    pairs.every(([, key = '', text]) => JSON.stringify(item?.[key]) === text),
  );
  return pairs.length === 0 ? undefined : { value: found, rest };
}
