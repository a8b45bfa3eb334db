import { posix } from 'node:path';

export interface AbsoluteLinksOptions {
  /** The folder of the text in the repository. */
  readonly folder: string;
  /** Where the source is, as a URL. If it is empty, the text stays as it is. */
  readonly source: string;
  readonly version: string;
}

/**
 * Returns Markdown whose links to files of the repository lead to the tag of the version. What leaves the
 * repository, as a chart's README on Artifact Hub, has no files beside it.
 */
export function withAbsoluteLinks(
  markdown: string,
  { folder, source, version }: AbsoluteLinksOptions,
): string {
  if (source === '') return markdown;
  return markdown.replaceAll(/(?<=\]\()(?![a-z]+:|#)[^)\s]+(?=\))/g, (target) => {
    const path = posix.normalize(posix.join(folder, target));
    return `${source}/blob/v${version}/${path}`;
  });
}
