import { type CheckFacts, type CheckLine, unknown } from './check-line.ts';
import { kuskFlags } from './cluster-flags.ts';
import type { KubeObject } from './kube-object.ts';
import { gatewayParts, operatorsIn } from './neighbours.ts';
import { VERSION_LABEL } from './objects.ts';
import { ownerOf, ownerText } from './owner.ts';
import { adviceFor, toolsOwnership } from './refusals.ts';

type InstallationFacts = Pick<CheckFacts, 'flags' | 'snapshot' | 'pre'>;

/** Returns the line about the installation and its owner. */
export function checkInstallation(facts: InstallationFacts): CheckLine {
  const { flags, snapshot, pre } = facts;
  const { namespace } = snapshot;
  if (snapshot.forbidden.includes('list deployments')) return unknown('installation');
  const tools = toolsOwnership(snapshot);
  if (tools) {
    const status = pre ? 'failed' : 'ok';
    const text = `${versionOf(tools.object)}in namespace ${namespace}, ${ownerText(tools.owner)}`;
    const advice = adviceFor(tools.owner, { command: 'upgrade', flags });
    return { check: 'installation', status, text, advice };
  }
  const gateway = gatewayParts(snapshot);
  if (gateway.length > 0) {
    return {
      check: 'installation',
      status: 'failed',
      text: `Kusk Gateway 1.x is in namespace ${namespace}: ${gateway.join(', ')}`,
      advice: `Install beside it: kusk cluster install${kuskFlags('kusk-telemetry', flags)}`,
    };
  }
  const [operator] = operatorsIn(snapshot);
  return operator ? ownInstallation(operator, facts) : noInstallation(facts);
}

function ownInstallation(
  operator: KubeObject,
  { flags, snapshot: { namespace } }: InstallationFacts,
): CheckLine {
  const isKusks = ownerOf(operator).by === 'kusk';
  const text = `${versionOf(operator)}in namespace ${namespace}, by ${isKusks ? 'kusk' : 'kubectl'}`;
  if (isKusks) return { check: 'installation', status: 'ok', text };
  const advice = `kusk cluster install${kuskFlags(namespace, flags)} takes it over, after a question.`;
  return { check: 'installation', status: 'warning', text, advice };
}

function noInstallation({ flags, pre, snapshot }: InstallationFacts): CheckLine {
  const text = `none in namespace ${snapshot.namespace}`;
  if (pre) return { check: 'installation', status: 'ok', text };
  return {
    check: 'installation',
    status: 'failed',
    text,
    advice: `Install it: kusk cluster install${kuskFlags(snapshot.namespace, flags)}`,
  };
}

function versionOf({ metadata }: KubeObject): string {
  const version = metadata.labels?.[VERSION_LABEL];
  return version === undefined ? '' : `${version} `;
}
