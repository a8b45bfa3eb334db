import type { Certificate } from './certificates.ts';

export interface KubeconfigOptions {
  readonly server: string;
  /** The authority that signed the server's certificate, in PEM. */
  readonly ca: string;
  readonly user: Certificate;
  readonly namespace?: string;
}

/** A kubeconfig that needs no other file. It is JSON, which is YAML. */
export function kubeconfig({ server, ca, user, namespace = 'default' }: KubeconfigOptions): string {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  const credentials = {
    'client-certificate-data': base64(user.cert),
    'client-key-data': base64(user.key),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: 'local', user: credentials }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'local', namespace } }],
    'current-context': 'local',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
