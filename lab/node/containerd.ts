import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CNI_PLUGINS } from './needed.ts';

/** Pods' addresses. They are the node's own affair: nobody else can see them. */
export const POD_NETWORK = '10.244.0.0/24';
/** The bridge that pods are on. */
export const POD_BRIDGE = 'pods0';
/** The image that holds a pod's namespaces. It is made here, since nothing can be pulled. */
export const PAUSE_IMAGE = 'localhost/pause:1';

export function socketIn(folder: string): string {
  return join(folder, 'containerd.sock');
}

/** Writes the settings of a containerd that keeps everything below the folder. Returns its arguments. */
export async function configureContainerd(folder: string): Promise<readonly string[]> {
  const networks = join(folder, 'networks');
  await mkdir(networks);
  await writeFile(join(networks, '10-pods.conflist'), JSON.stringify(podNetwork(folder)));
  const config = join(folder, 'containerd.toml');
  await writeFile(config, toml(folder, networks));
  return ['--config', config];
}

function podNetwork(folder: string) {
  const bridge = {
    type: 'bridge',
    bridge: POD_BRIDGE,
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      dataDir: join(folder, 'addresses'),
      ranges: [[{ subnet: POD_NETWORK }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  return { cniVersion: '1.0.0', name: 'pods', plugins: [bridge] };
}

/** For containerd 1.6 and 1.7; 2 reads it too. JSON's strings are TOML's. */
function toml(folder: string, networks: string): string {
  const text = (value: string) => JSON.stringify(value);
  return `version = 2
root = ${text(join(folder, 'containerd'))}
state = ${text(join(folder, 'containerd-state'))}
[grpc]
  address = ${text(socketIn(folder))}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(PAUSE_IMAGE)}
  # Not even root may lower it everywhere.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(CNI_PLUGINS)}
    conf_dir = ${text(networks)}
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}
