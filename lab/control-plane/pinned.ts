import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const GO_FOLDER = join(import.meta.dirname, 'go');

/** A Go module of ours that pins a tool, and what can be built from it. */
export interface PinnedModule {
  /** The folder of its go.mod. */
  readonly folder: string;
  /** The upstream module's version, `v1.36.3`: go.mod is the one place where it is written. */
  readonly version: string;
  /** Go's own version that go.mod requires, `1.26.0`. */
  readonly goVersion: string;
  /** Values for `-ldflags -X`, so that the programs print their true version. */
  readonly stamps: readonly string[];
  /** How long a first build takes, for somebody who waits. */
  readonly duration: string;
}

export const MODULES = {
  etcd: pinned('etcd', {
    upstream: 'go.etcd.io/etcd/server/v3',
    stamps: () => [],
    duration: 'about half a minute',
  }),
  kubernetes: pinned('kubernetes', {
    upstream: 'k8s.io/kubernetes',
    stamps: kubernetesStamps,
    duration: '4 to 8 minutes on two cores',
  }),
  helm: pinned('helm', {
    upstream: 'helm.sh/helm/v4',
    stamps: (version) => [`helm.sh/helm/v4/internal/version.version=${version}`],
    duration: 'about a minute',
  }),
  helm3: pinned('helm3', {
    upstream: 'helm.sh/helm/v3',
    stamps: helm3Stamps,
    duration: 'about a minute',
  }),
  // They check what is written, and belong to no control plane. They are pinned and built as the rest is.
  actionlint: pinned('actionlint', {
    upstream: 'github.com/rhysd/actionlint',
    stamps: () => [],
    duration: 'about half a minute',
  }),
  kubeconform: pinned('kubeconform', {
    upstream: 'github.com/yannh/kubeconform',
    stamps: (version) => [`main.version=${version}`],
    duration: 'about half a minute',
  }),
  'kube-score': pinned('kube-score', {
    upstream: 'github.com/zegl/kube-score',
    stamps: (version) => [`main.version=${version}`],
    duration: 'about a minute',
  }),
} as const;

interface Upstream {
  readonly upstream: string;
  readonly stamps: (version: string, goMod: string) => readonly string[];
  readonly duration: string;
}

function pinned(name: string, { upstream, stamps, duration }: Upstream): PinnedModule {
  const folder = join(GO_FOLDER, name);
  const goMod = readFileSync(join(folder, 'go.mod'), 'utf8');
  const version = wordAfter(goMod, upstream);
  const goVersion = wordAfter(goMod, 'go');
  return { folder, version, goVersion, stamps: stamps(version, goMod), duration };
}

/** The version of a module in a go.mod's `require`, or of Go itself. */
function wordAfter(goMod: string, name: string): string {
  const line = goMod
    .split('\n')
    .find((text) => text.replace('require', '').trim().startsWith(`${name} `));
  const word = line?.replace('require', '').trim().split(' ')[1];
  if (word === undefined) throw new Error(`No version of ${name} in go.mod`);
  return word;
}

function kubernetesStamps(version: string): readonly string[] {
  const [major, minor] = version.slice(1).split('.');
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) => [
    `${path}.gitVersion=${version}`,
    `${path}.gitMajor=${major}`,
    `${path}.gitMinor=${minor}`,
    `${path}.gitTreeState=clean`,
  ]);
}

/** Helm 3 takes the Kubernetes that it renders for offline from its build, not from its modules. */
function helm3Stamps(version: string, goMod: string): readonly string[] {
  const [, minor] = wordAfter(goMod, 'k8s.io/client-go').split('.');
  return [
    `helm.sh/helm/v3/internal/version.version=${version}`,
    ...['pkg/chartutil', 'pkg/lint/rules'].flatMap((path) => [
      `helm.sh/helm/v3/${path}.k8sVersionMajor=1`,
      `helm.sh/helm/v3/${path}.k8sVersionMinor=${minor}`,
    ]),
  ];
}
