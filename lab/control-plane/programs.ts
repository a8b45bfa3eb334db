import { MODULES, type PinnedModule } from './pinned.ts';
import { parseVersion, type Version } from './version.ts';

export type ProgramName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kube-proxy'
  | 'kubelet'
  | 'kubectl'
  | 'helm'
  | 'helm3'
  | 'actionlint'
  | 'kubeconform'
  | 'kube-score';

/** One program of the control plane: where it comes from, and which found version will do. */
export interface Program {
  readonly module: PinnedModule;
  /** Its package in the module's build list. */
  readonly package: string;
  /** Its file name after `go build -o FOLDER/`. */
  readonly builtAs: string;
  /** Arguments with which it prints its version without a server. */
  readonly versionArgs: readonly string[];
  /** Whether one that was found on the machine may be used in place of our own. */
  readonly accepts: (found: Version) => boolean;
}

const server = parseVersion(MODULES.kubernetes.version);
const etcd = parseVersion(MODULES.etcd.version);
const helm = parseVersion(MODULES.helm.version);
const helm3 = parseVersion(MODULES.helm3.version);

/** Another version of a checker has other findings. */
const isExactly = (module: PinnedModule) => (found: Version) =>
  JSON.stringify(found) === JSON.stringify(parseVersion(module.version));

/** The servers: the pinned minor, any patch of it, so that both are always of one minor. */
const isServersMinor = (found: Version) =>
  found.major === server.major && found.minor === server.minor;

/** @see https://kubernetes.io/releases/version-skew-policy/#kubectl */
const isWithinKubectlSkew = (found: Version) =>
  found.major === server.major && Math.abs(found.minor - server.minor) <= 1;

/** The API server speaks etcd's v3 protocol; the minor before the pinned one is still supported. */
const isEtcdOfOurTime = (found: Version) =>
  found.major === etcd.major && found.minor >= etcd.minor - 1;

export const PROGRAMS: Readonly<Record<ProgramName, Program>> = {
  etcd: {
    module: MODULES.etcd,
    package: 'go.etcd.io/etcd/server/v3',
    builtAs: 'server',
    versionArgs: ['--version'],
    accepts: isEtcdOfOurTime,
  },
  'kube-apiserver': {
    module: MODULES.kubernetes,
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    builtAs: 'kube-apiserver',
    versionArgs: ['--version'],
    accepts: isServersMinor,
  },
  'kube-controller-manager': {
    module: MODULES.kubernetes,
    package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    builtAs: 'kube-controller-manager',
    versionArgs: ['--version'],
    accepts: isServersMinor,
  },
  'kube-scheduler': {
    module: MODULES.kubernetes,
    package: 'k8s.io/kubernetes/cmd/kube-scheduler',
    builtAs: 'kube-scheduler',
    versionArgs: ['--version'],
    accepts: isServersMinor,
  },
  'kube-proxy': {
    module: MODULES.kubernetes,
    package: 'k8s.io/kubernetes/cmd/kube-proxy',
    builtAs: 'kube-proxy',
    versionArgs: ['--version'],
    accepts: isServersMinor,
  },
  kubelet: {
    module: MODULES.kubernetes,
    package: 'k8s.io/kubernetes/cmd/kubelet',
    builtAs: 'kubelet',
    versionArgs: ['--version'],
    accepts: isServersMinor,
  },
  kubectl: {
    module: MODULES.kubernetes,
    package: 'k8s.io/kubernetes/cmd/kubectl',
    builtAs: 'kubectl',
    versionArgs: ['version', '--client'],
    accepts: isWithinKubectlSkew,
  },
  helm: {
    module: MODULES.helm,
    package: 'helm.sh/helm/v4/cmd/helm',
    builtAs: 'helm',
    versionArgs: ['version', '--short'],
    accepts: (found) => found.major === helm.major,
  },
  helm3: {
    module: MODULES.helm3,
    package: 'helm.sh/helm/v3/cmd/helm',
    builtAs: 'helm',
    versionArgs: ['version', '--short'],
    accepts: (found) => found.major === helm3.major,
  },
  actionlint: {
    module: MODULES.actionlint,
    package: 'github.com/rhysd/actionlint/cmd/actionlint',
    builtAs: 'actionlint',
    versionArgs: ['-version'],
    accepts: isExactly(MODULES.actionlint),
  },
  kubeconform: {
    module: MODULES.kubeconform,
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    builtAs: 'kubeconform',
    versionArgs: ['-v'],
    accepts: isExactly(MODULES.kubeconform),
  },
  'kube-score': {
    module: MODULES['kube-score'],
    package: 'github.com/zegl/kube-score/cmd/kube-score',
    builtAs: 'kube-score',
    versionArgs: ['version'],
    accepts: isExactly(MODULES['kube-score']),
  },
};
