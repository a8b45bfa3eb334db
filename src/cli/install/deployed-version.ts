import type { KubeObject } from './kube-object.ts';
import { operatorContainer } from './neighbours.ts';
import { VERSION_LABEL } from './objects.ts';

/** What an operator's Deployment says of the version that runs. */
export interface DeployedVersion {
  /** The version that was installed, else the image's tag. */
  readonly version: string | undefined;
  /** The image's tag, if it is another one: an upgrade keeps an image that a person has set. */
  readonly tag: string | undefined;
}

export function deployedVersion(operator: KubeObject): DeployedVersion {
  const image = operatorContainer(operator)?.image ?? '';
  const [name = ''] = image.split('@');
  const tag = /:(?<tag>[^/:]+)$/.exec(name)?.groups?.tag;
  const version = operator.metadata.labels?.[VERSION_LABEL] ?? tag;
  return { version, tag: tag === version ? undefined : tag };
}
