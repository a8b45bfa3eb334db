export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
}

export function ownNode(machine: {
  readonly platform: string;
  readonly arch: string;
}): string | undefined;

export function isNodeFit(version: string): boolean;

export function isUpToDate(lock: Lockfile, installed: Lockfile | undefined): boolean;
