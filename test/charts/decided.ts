import { type FileText, readConfigFile } from '../../src/consent/config-file.ts';
import type { Consent } from '../../src/consent/consent.ts';
import { consentIn } from '../../src/operator/config/config.ts';
import { optOutSwitch } from '../../src/operator/config/opt-out.ts';
import type { Cluster } from './cluster.ts';
import { podSpec } from './pod-spec.ts';

/**
 * What the operator's next pod would decide: its own code, fed with the files and the environment that
 * the Deployment names and the cluster holds.
 */
export async function decided(cluster: Cluster, namespace: string): Promise<Consent> {
  const pod = await podSpec(cluster, { namespace, deployment: 'kusk-gateway-manager' });
  const files = await pod.files();
  const textOf = (path: string): FileText => {
    const text = files.get(path);
    return text === undefined ? { error: 'ENOENT' } : { text };
  };
  const pathsOf = (flag: string) =>
    pod.args.flatMap((arg) => (arg.startsWith(`${flag}=`) ? [arg.slice(flag.length + 1)] : []));
  const [config = ''] = pathsOf('--config');
  return consentIn({
    // A key that is missing in a mounted ConfigMap is an empty file.
    file: readConfigFile(config, { text: files.get(config) ?? '' }),
    optOuts: pathsOf('--opt-out').map((path) => optOutSwitch(path, textOf(path))),
    environment: await pod.environment({ podName: 'next' }),
  });
}
