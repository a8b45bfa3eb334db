import { CREATED } from '../../event.ts';
import type { CommandFlags, ResourceRow } from './view.ts';

/** The key of a cluster's id. @see docs/telemetry.md */
const KEY = 'kusk-gateway/cluster-id/v1';

/** Returns the shell command that prints the id of the cluster. */
export function clusterIdCommand({ kubectl }: Pick<CommandFlags, 'kubectl'>): string {
  return `printf %s "$(kubectl${kubectl} get namespace kube-system -o jsonpath='{.metadata.uid}')" | openssl dgst -sha256 -hmac ${KEY} -r | cut -c 1-64`;
}

/** Returns the shell commands, two lines, that print the messageId of a resource's creation. */
export function messageIdCommands(
  { kind, uid }: Pick<ResourceRow, 'kind' | 'uid'>,
  flags: Pick<CommandFlags, 'kubectl'>,
): string {
  return [
    `id=$(${clusterIdCommand(flags)})`,
    `printf %s ${shellWord(`${CREATED[kind]}/${uid}`)} | openssl dgst -sha256 -hmac "$id" -r | cut -c 1-64`,
  ].join('\n');
}

/** A UID is a UUID. A server that sends anything else must not reach the shell of a person. */
function shellWord(text: string): string {
  return /^[\w/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
