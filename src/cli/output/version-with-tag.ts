/** Returns a version for people, with the image's tag if it is another one. */
export function versionWithTag(version: string, tag: string | null): string {
  return tag ? `${version} (image ${tag})` : version;
}
