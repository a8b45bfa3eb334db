import type { Deployment } from './object-settings.ts';
import { VERSION_LABEL } from './objects.ts';

/** What an operator's Deployment says of the version that runs. */
export interface DeployedVersion {
  /** The version that was installed, else the image's tag. */
  readonly version: string | undefined;
  /** The image's tag, if it is another one: an upgrade keeps an image that a person has set. */
  readonly tag: string | undefined;
}

export function deployedVersion({ metadata, spec }: Deployment): DeployedVersion {
  const image = spec.template.spec.containers[0]?.image ?? '';
  const [name = ''] = image.split('@');
  const tag = /:(?<tag>[^/:]+)$/.exec(name)?.groups?.tag;
  const version = metadata.labels?.[VERSION_LABEL] ?? tag;
  return { version, tag: tag === version ? undefined : tag };
}
