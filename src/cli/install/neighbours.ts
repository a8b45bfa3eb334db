import { MANAGER } from '../../cluster/object-names.ts';
import type { KubeObject } from './kube-object.ts';
import type { Container, Deployment } from './object-settings.ts';
import type { Snapshot } from './snapshot.ts';

const CONFIG_ARGUMENT = '--config=/etc/kusk-gateway/config.yaml';
const GATEWAY_SERVICE =
  /^kusk-gateway-(xds|agent|auth|validator|webhooks|manager|manager-metrics)-service$/;
const GATEWAY_IMAGE = /(^|\/)kusk-gateway(:[^/@]*)?(@.*)?$/;

/** Returns whether a Deployment runs this operator, of whatever version, name and image. */
export function isOperator(deployment: KubeObject): boolean {
  return operatorContainer(deployment) !== undefined;
}

/** Returns the container of the operator. Another one may stand before it: a sidecar. */
export function operatorContainer(deployment: KubeObject | undefined): Container | undefined {
  return (
    deployment && containersOf(deployment).find(({ args = [] }) => args.includes(CONFIG_ARGUMENT))
  );
}

/** Returns the operator's Deployments in the namespace that are not being deleted. */
export function operatorsIn({ deployments }: Pick<Snapshot, 'deployments'>): readonly KubeObject[] {
  return deployments.filter(
    (deployment) => isOperator(deployment) && deployment.metadata.deletionTimestamp === undefined,
  );
}

/**
 * Returns what there is of Kusk Gateway 1.x in the namespace, a line each. The chart looks for the same.
 *
 * @see charts/kusk-gateway/templates/_neighbours.tpl
 */
export function gatewayParts({
  deployments,
  services,
}: Pick<Snapshot, 'deployments' | 'services'>): readonly string[] {
  return [
    ...deployments.filter(isGateway).map((deployment) => {
      const images = containersOf(deployment).map(({ image }) => image);
      return `Deployment ${deployment.metadata.name} (${images.join(', ')})`;
    }),
    ...services.filter(isGatewayService).map(({ metadata }) => `Service ${metadata.name}`),
  ];
}

function isGateway(deployment: KubeObject): boolean {
  if (isOperator(deployment)) return false;
  const { name, labels = {} } = deployment.metadata;
  return (
    name === MANAGER ||
    (labels['helm.sh/chart'] ?? '').startsWith('kusk-gateway-0.0.') ||
    containersOf(deployment).some(({ image }) => GATEWAY_IMAGE.test(image))
  );
}

function isGatewayService({ metadata, spec }: KubeObject): boolean {
  const { ports = [] } = (spec ?? {}) as { readonly ports?: readonly { readonly name?: string }[] };
  const serves = ports.some(({ name = '' }) => ['xds', 'validator', 'auth'].includes(name));
  return GATEWAY_SERVICE.test(metadata.name) || (metadata.name === MANAGER && serves);
}

function containersOf(deployment: KubeObject): readonly Container[] {
  return (deployment as Deployment).spec.template.spec.containers;
}
