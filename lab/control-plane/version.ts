export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The first `1.36.3` in what a program says of itself; `0.0.0` if there is none. */
export function parseVersion(text: string): Version {
  const [, major, minor, patch] = /(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return { major: Number(major ?? 0), minor: Number(minor ?? 0), patch: Number(patch ?? 0) };
}
