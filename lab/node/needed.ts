import type { Needed } from '../support/needed.ts';

/** Where Debian has the plugins that give pods their network. */
export const CNI_PLUGINS = '/usr/lib/cni';

/** What a node needs of the system. */
export const NEEDED: Needed = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  [`${CNI_PLUGINS}/bridge`]: 'containernetworking-plugins',
  iptables: 'iptables',
  ip: 'iproute2',
  mount: 'mount',
  nsenter: 'util-linux',
  unshare: 'util-linux',
};
