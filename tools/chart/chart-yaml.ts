export interface ChartYamlOptions {
  /** The package's: of the chart, of its program and of its image. */
  readonly version: string;
  /** An SVG image. */
  readonly icon: string;
}

/** Returns a Chart.yaml with the version in its three places, and the icon as an address that needs no host. */
export function chartYaml(text: string, { version, icon }: ChartYamlOptions): string {
  const data = Buffer.from(icon.trim()).toString('base64');
  return text
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^appVersion: .*$/m, `appVersion: "${version}"`)
    .replace(/^icon: .*$/m, `icon: data:image/svg+xml;base64,${data}`)
    .replace(/^( +image: \S+):[^:\s]+$/m, `$1:${version}`);
}
