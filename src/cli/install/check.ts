import { hasStatus } from '../../cluster/errors.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { flagText, isFlagSet } from '../flags.ts';
import { writeDocument } from '../output/documents.ts';
import type { CheckFacts } from './check-line.ts';
import { checkText } from './check-text.ts';
import { checkLines } from './checks.ts';
import { clusterFlags } from './cluster-flags.ts';
import { type ClusterTelemetry, readClusterTelemetry } from './cluster-telemetry.ts';
import type { KubeApi } from './kube-api.ts';
import { keyOf } from './kube-object.ts';
import { operatorsIn } from './neighbours.ts';
import { installationObjects } from './objects.ts';
import { missingRights, type Right } from './rights.ts';
import { rolloutOf } from './rollout.ts';
import type { Session } from './session.ts';
import { readSnapshot } from './snapshot.ts';
import { readTrouble } from './wait-rollout.ts';

export interface CheckOptions {
  readonly namespace: string;
}

/** Checks a cluster and prints a line for each thing. Resolves with 1 if one fails. */
export async function checkCluster(
  session: Session,
  { namespace }: CheckOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const pre = isFlagSet(context.flags, 'pre');
  const flags = clusterFlags(context.flags);
  const lines = checkLines(await readFacts(session, { namespace, flags, pre }));
  const failed = lines.some(({ status }) => status === 'failed');
  writeDocument(
    { ok: !failed, namespace, checks: lines },
    {
      format: flagText(context.flags, 'output'),
      terminal: context.stdout,
      text: () => checkText(lines, context.stdout),
    },
  );
  return failed ? 1 : 0;
}

async function readFacts(
  { api, connection }: Session,
  { namespace, flags, pre }: CheckOptions & Pick<CheckFacts, 'flags' | 'pre'>,
): Promise<CheckFacts> {
  const objects = installationObjects({ namespace, analytics: true, writeKey: '' });
  const [version, snapshot, missing, telemetry] = await Promise.all([
    readVersion(api),
    readSnapshot(api, namespace),
    missingByObject(api, objects.flatMap(rightsFor)),
    readTelemetry(api, namespace),
  ]);
  const [operator] = operatorsIn(snapshot);
  return {
    flags,
    server: connection.server,
    version,
    snapshot,
    missing,
    objects: objects.length,
    telemetry,
    rollout: operator && rolloutOf(operator),
    trouble: operator && (await readTrouble(api, { operator, flags })),
    pre,
  };
}

async function readVersion(api: KubeApi): Promise<string> {
  const { gitVersion } = (await api.get('/version')) as { readonly gitVersion?: unknown };
  return typeof gitVersion === 'string' ? gitVersion : 'of an unknown version';
}

type Objects = ReturnType<typeof installationObjects>;

/** `kusk` never deletes a namespace, and a CRD only if it is told to. */
function rightsFor(object: Objects[number]): readonly Right[] {
  const verbs =
    object.kind === 'Namespace' ? (['create'] as const) : (['create', 'patch', 'delete'] as const);
  return verbs.map((verb) => ({ verb, object }));
}

async function missingByObject(
  api: KubeApi,
  rights: readonly Right[],
): Promise<ReadonlyMap<string, string>> {
  const missing = Map.groupBy(await missingRights(api, rights), ({ object }) => keyOf(object));
  return new Map(
    [...missing].map(([key, found]) => [key, found.map(({ verb }) => verb).join(', ')]),
  );
}

/** Returns `undefined` if the account may not read it: the rights say so already. */
async function readTelemetry(
  api: KubeApi,
  namespace: string,
): Promise<ClusterTelemetry | undefined> {
  try {
    return await readClusterTelemetry(api, namespace);
  } catch (error) {
    if (hasStatus(error, 403)) return undefined;
    throw error;
  }
}
