import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CertificateAuthority, createCertificateAuthority } from './certificates.ts';
import { kubeconfig } from './kubeconfig.ts';

/** Where the API server and the controller manager read who they are and whom to trust. */
export interface Credentials {
  readonly authority: CertificateAuthority;
  readonly caFile: string;
  readonly caKeyFile: string;
  readonly serverCertFile: string;
  readonly serverKeyFile: string;
  /** Whom the API server is to kubelets, which are asked for logs. */
  readonly kubeletClientCertFile: string;
  readonly kubeletClientKeyFile: string;
  /** Signs the tokens of service accounts. */
  readonly tokenKeyFile: string;
}

/** Writes throw-away credentials into a folder, readable by this user alone. */
export async function writeCredentials(
  folder: string,
  { now, address }: { readonly now: () => number; readonly address: string },
): Promise<Credentials> {
  const authority = createCertificateAuthority('kusk-gateway-test', { now });
  const server = authority.issue({
    commonName: 'kube-apiserver',
    hosts: [...new Set([address, '127.0.0.1', 'localhost', 'kubernetes.default.svc', '10.0.0.1'])],
  });
  const kubeletClient = authority.issue({
    commonName: 'kube-apiserver-kubelet-client',
    organizations: ['system:masters'],
  });
  const tokens = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const write = (name: string, text: string) => writeSecret(join(folder, name), text);
  return {
    authority,
    caFile: await write('ca.crt', authority.cert),
    caKeyFile: await write('ca.key', authority.key),
    serverCertFile: await write('server.crt', server.cert),
    serverKeyFile: await write('server.key', server.key),
    kubeletClientCertFile: await write('kubelet-client.crt', kubeletClient.cert),
    kubeletClientKeyFile: await write('kubelet-client.key', kubeletClient.key),
    tokenKeyFile: await write(
      'tokens.key',
      tokens.export({ type: 'sec1', format: 'pem' }).toString(),
    ),
  };
}

export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
  readonly namespace?: string;
}

/** Somebody who may do all. */
export const ADMIN: User = { name: 'admin', groups: ['system:masters'] };
export const CONTROLLER_MANAGER: User = { name: 'system:kube-controller-manager' };

/** A service account, which a certificate can stand for: RBAC goes by the names of users and groups only. */
export function serviceAccount(name: string, namespace: string): User {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return { name: `system:serviceaccount:${namespace}:${name}`, groups, namespace };
}

export interface UserKubeconfigOptions {
  readonly server: string;
  readonly authority: CertificateAuthority;
}

/** Writes a kubeconfig for a user. Returns its path. */
export async function writeKubeconfig(
  path: string,
  { name, groups = [], namespace = 'default' }: User,
  { server, authority }: UserKubeconfigOptions,
): Promise<string> {
  const user = authority.issue({ commonName: name, organizations: groups });
  return writeSecret(path, kubeconfig({ server, ca: authority.cert, user, namespace }));
}

/** Writes a file that only this user can read. Returns its path. */
export async function writeSecret(path: string, text: string): Promise<string> {
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
