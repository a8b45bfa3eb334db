import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { load } from 'js-yaml';
import { MissingContextError } from './errors.ts';
import { addImpersonation, type RawUser } from './impersonation.ts';

export interface KubeConfigSource {
  /** A file; from `KUBECONFIG` one or several, joined like PATH. Absent means in-cluster. */
  readonly kubeconfig: string | undefined;
  /** The context to use in place of `current-context`. */
  readonly context?: string | undefined;
  /** Where it comes from, as an error message introduces it. */
  readonly introducedAs?: 'KUBECONFIG names' | '--kubeconfig names' | 'the default kubeconfig is';
}

/** The most characters of a file, and the most YAML aliases in it: each alias can multiply it. */
const LIMITS = { characters: 4 * 1_048_576, aliases: 10 } as const;

/**
 * Loads credentials like client-go: from the files of `KUBECONFIG`, else the pod's ServiceAccount.
 *
 * Throws an error that names the setting to change if neither is usable.
 */
export function loadKubeConfig(source: KubeConfigSource): KubeConfig {
  const { kubeconfig = '', context, introducedAs = 'KUBECONFIG names' } = source;
  const isVariable = introducedAs === 'KUBECONFIG names';
  const named = isVariable ? kubeconfig.split(delimiter) : [kubeconfig];
  const files = named.filter((file) => file !== '');
  const config = files.length > 0 ? merged(files, introducedAs) : inCluster(kubeconfig);
  if (context !== undefined) useContext(config, context);
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) {
    const subject = introducedAs.replace(/ (names|is)$/, '');
    throw new Error(`${subject} names no cluster: set current-context in ${files.join(', ')}`);
  }
  if (cluster.proxyUrl && !/^https?:\/\//.test(cluster.proxyUrl)) {
    // The value may contain a password and is not shown.
    throw new Error('proxy-url in the kubeconfig must be an http:// or https:// URL');
  }
  return config;
}

function useContext(config: KubeConfig, name: string): void {
  const names = config.getContexts().map((context) => context.name);
  if (!names.includes(name)) {
    const message = `the kubeconfig has no context ${name}: write one of ${names.join(', ')}`;
    throw new MissingContextError(message);
  }
  config.setCurrentContext(name);
}

/** Returns where credentials lead to: the context and its namespace. */
export function placeOf(config: KubeConfig, { kubeconfig }: Pick<KubeConfigSource, 'kubeconfig'>) {
  const name = config.getCurrentContext();
  return {
    context: kubeconfig === undefined ? '' : name,
    namespace: config.getContextObject(name)?.namespace,
  };
}

/** Returns the address of the API server for a message, without the password that it may contain. */
export function serverOf(config: KubeConfig): string {
  const text = config.getCurrentCluster()?.server ?? '';
  const url = URL.parse(text);
  return url === null ? text : `${url.origin}${url.pathname.replace(/\/$/, '')}`;
}

function inCluster(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  if (/undefined|null/.test(config.getCurrentCluster()?.server ?? '')) {
    const reason = kubeconfig === '' ? 'is not set' : 'names no file';
    throw new Error(`not in a pod, and KUBECONFIG ${reason}: set KUBECONFIG to a kubeconfig file`);
  }
  return config;
}

/** Merges the files that exist. If several define one name, the first definition wins. */
function merged(files: readonly string[], introducedAs: string): KubeConfig {
  const existing = files.filter((file) => existsSync(file));
  const configs = (existing.length > 0 ? existing : files).map((file) =>
    fromFile(file, introducedAs),
  );
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

function fromFile(file: string, introducedAs: string): KubeConfig {
  try {
    const config = new KubeConfig();
    const { users = [], ...rest } = parse(readFileSync(file, 'utf8'));
    const readable = users.map((user) => withTokenFile(user, dirname(file)));
    config.loadFromString(JSON.stringify({ ...rest, users: readable }));
    addImpersonation(config.users, users);
    config.makePathsAbsolute(dirname(file));
    return config;
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'it is not a kubeconfig in YAML';
    throw new Error(`${introducedAs} ${file}, which cannot be read (${reason})`, { cause });
  }
}

interface User {
  readonly name: string;
  readonly user?: RawUser & { readonly tokenFile?: string; readonly [field: string]: unknown };
}

/** Parses YAML that may be hostile. Throws for more than a kubeconfig needs. */
function parse(text: string): { readonly users?: readonly User[] } {
  if (text.length > LIMITS.characters) throw new Error('too large');
  const config = load(text, { maxAliases: LIMITS.aliases });
  if (typeof config !== 'object' || config === null) throw new Error('not a mapping');
  return config as { readonly users?: readonly User[] };
}

/** Replaces `tokenFile`, which the library ignores, by the library's provider for such files. */
function withTokenFile({ name, user }: User, folder: string): User {
  if (!user?.tokenFile) return { name, user: { ...user } };
  const tokenFile = resolve(folder, user.tokenFile);
  return {
    name,
    user: { ...user, 'auth-provider': { name: 'tokenFile', config: { tokenFile } } },
  };
}
