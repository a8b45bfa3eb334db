import { MANAGER, WRITE_KEY_SECRET } from '../../cluster/object-names.ts';
import { decideConsent } from '../../consent/consent.ts';
import { ownSwitches } from './cluster-switches.ts';
import { installedData } from './hand-written.ts';
import { dataOf, decoded, type KubeObject } from './kube-object.ts';
import { operatorContainer } from './neighbours.ts';
import type { Container, Deployment } from './object-settings.ts';
import { installationObjects, VERSION_LABEL } from './objects.ts';
import { type Former, NOTHING_SET } from './settings.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Returns what was set before, as the objects of the cluster have it.
 *
 * An off can be in the operator's own ConfigMap only: an install was interrupted before the Deployment, or
 * the Deployment was deleted.
 */
export function formerSettings({
  named,
  namespace,
}: Pick<Snapshot, 'named' | 'namespace'>): Former {
  const deployment = named.get(`Deployment ${namespace}/${MANAGER}`) as Deployment | undefined;
  const container = operatorContainer(deployment);
  const map = named.get(`ConfigMap ${namespace}/${MANAGER}`);
  const switches = ownSwitches(installedData(map), MANAGER);
  if (deployment === undefined || container === undefined) {
    return { ...NOTHING_SET, analytics: decideConsent(switches).on ? undefined : false };
  }
  const value = (name: string) => container.env?.find((one) => one.name === name)?.value;
  const variable = { name: 'ANALYTICS_ENABLED', value: value('ANALYTICS_ENABLED') };
  const secret = named.get(`Secret ${namespace}/${WRITE_KEY_SECRET}`);
  return {
    analytics: decideConsent([variable, ...switches]).on,
    image: customImage(deployment, container),
    replicas: deployment.spec.replicas,
    endpoint: value('ANALYTICS_ENDPOINT'),
    writeKey: usesSecret(container) ? writeKeyIn(secret) : undefined,
  };
}

/**
 * Returns the image, unless it is that of the chart that was installed: then a new version brings its new
 * one. A digest or another tag was set by a person, also if the repository is the chart's.
 */
function customImage({ metadata }: Deployment, { image }: Container): string | undefined {
  const installedVersion = metadata.labels?.[VERSION_LABEL];
  return image === `${chartRepository()}:${installedVersion}` ? undefined : image;
}

function chartRepository(): string {
  const objects = installationObjects({ namespace: 'kusk-system', analytics: true });
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  const image = operatorContainer(deployment)?.image ?? '';
  return image.replace(/:[^/:]*$/, '');
}

function usesSecret({ env = [] }: Container): boolean {
  const variable = env.find(({ name }) => name === 'ANALYTICS_WRITE_KEY');
  return variable?.valueFrom?.secretKeyRef?.name === WRITE_KEY_SECRET;
}

function writeKeyIn(secret: KubeObject | undefined): string | undefined {
  return decoded(dataOf(secret)).writeKey;
}
