import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { load } from 'js-yaml';

export interface KubeConfigSource {
  /** `KUBECONFIG`: one or several files, joined like PATH. Absent means in-cluster. */
  readonly kubeconfig: string | undefined;
}

/**
 * Loads credentials like client-go: from the files of `KUBECONFIG`, else the pod's ServiceAccount.
 *
 * Throws an error that names the setting to change if neither is usable.
 */
export function loadKubeConfig({ kubeconfig }: KubeConfigSource): KubeConfig {
  const files = (kubeconfig ?? '').split(delimiter).filter((file) => file !== '');
  const config = files.length > 0 ? merged(files) : inCluster();
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) {
    throw new Error(`KUBECONFIG names no cluster: set current-context in ${files.join(', ')}`);
  }
  if (cluster.proxyUrl && !/^https?:\/\//.test(cluster.proxyUrl)) {
    // The value may contain a password and is not shown.
    throw new Error('proxy-url in the kubeconfig must be an http:// or https:// URL');
  }
  return config;
}

function inCluster(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  if (/undefined|null/.test(config.getCurrentCluster()?.server ?? '')) {
    throw new Error('not in a pod, and KUBECONFIG is not set: set KUBECONFIG to a kubeconfig file');
  }
  return config;
}

/** Merges the files that exist. If several define one name, the first definition wins. */
function merged(files: readonly string[]): KubeConfig {
  const existing = files.filter((file) => existsSync(file));
  const configs = (existing.length > 0 ? existing : files).map(fromFile);
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap(({ clusters }) => clusters)),
    users: firstOfEachName(configs.flatMap(({ users }) => users)),
    contexts: firstOfEachName(configs.flatMap(({ contexts }) => contexts)),
    currentContext: configs.map(({ currentContext }) => currentContext).find(Boolean),
  });
  return config;
}

function firstOfEachName<Item extends { readonly name: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.toReversed().map((item) => [item.name, item])).values()].toReversed();
}

function fromFile(file: string): KubeConfig {
  try {
    const config = new KubeConfig();
    config.loadFromString(withTokenFiles(readFileSync(file, 'utf8'), dirname(file)));
    config.makePathsAbsolute(dirname(file));
    return config;
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'it is not a kubeconfig in YAML';
    throw new Error(`KUBECONFIG names ${file}, which cannot be read (${reason})`, { cause });
  }
}

interface User {
  readonly name: string;
  readonly user?: { readonly tokenFile?: string; readonly [field: string]: unknown };
}

/** Replaces `tokenFile`, which the library ignores, by the library's provider for such files. */
function withTokenFiles(text: string, folder: string): string {
  const config = load(text) as { readonly users?: readonly User[] };
  const users = (config.users ?? []).map(({ name, user }) => {
    if (!user?.tokenFile) return { name, user };
    const tokenFile = resolve(folder, user.tokenFile);
    return {
      name,
      user: { ...user, 'auth-provider': { name: 'tokenFile', config: { tokenFile } } },
    };
  });
  return JSON.stringify({ ...config, users });
}
