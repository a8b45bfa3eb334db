import { shellWord } from './owner.ts';

const DEFAULT_NAMESPACE = 'kusk-system';

/** Returns the flag that names a namespace in a command to copy: ` -n NAME`, or nothing for the default. */
export function namespaceFlag(namespace: string): string {
  return namespace === DEFAULT_NAMESPACE ? '' : ` -n ${shellWord(namespace)}`;
}
