import { IMAGE_NAMES } from './names.ts';

/** Where the chart and `kusk` of a checkout say that their images are. */
export const REGISTRY = 'docker.io/kubeshop';

const IMAGES = new RegExp(
  `(?<![\\w./-])(docker\\.io/)?kubeshop/(${IMAGE_NAMES.join('|')})(?![\\w-])`,
  'g',
);

/** A host, perhaps with a port, and perhaps a folder. Registries take no capitals. */
const NAME = /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/;

/** Returns a registry that `--registry` has named. Throws if no image can be there. */
export function parseRegistry(text: string): string {
  if (NAME.test(text)) return text;
  throw new Error(
    `--registry ${text}: write a host with a folder in small letters, as ghcr.io/owner.`,
  );
}

/** Returns a text in which our images are in another registry: `ghcr.io/someone`. */
export function withRegistry(text: string, registry: string): string {
  return registry === REGISTRY ? text : text.replaceAll(IMAGES, `${registry}/$2`);
}
