import type { Flags } from './command.ts';
import { UsageError } from './command-error.ts';
import { flagText } from './flags.ts';

/** Kubernetes' own limit of a namespace's name, and its characters. */
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Returns the namespace of the operator. Throws a `UsageError` if no namespace can have this name. */
export function readNamespace(flags: Flags): string {
  const namespace = flagText(flags, 'namespace') ?? 'kusk-system';
  if (NAMESPACE.test(namespace)) return namespace;
  throw new UsageError(`--namespace ${JSON.stringify(namespace)} is not the name of a namespace`, {
    advice: 'Write lower-case letters, digits and dashes, at most 63: --namespace kusk-system',
  });
}
