import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from '../control-plane/certificates.ts';
import { type ConfigSource, plainFile } from '../support/config-source.ts';
import { type Front, startFront } from '../support/front.ts';
import { type Lab, startLab } from '../support/lab.ts';
import { type LedgerAccess, ledgerAccess } from '../support/ledger.ts';
import type { Site } from '../support/site.ts';
import { type Collector, startCollector } from './collector.ts';
import type { Cut, Restore, Span } from './evidence.ts';
import { type Replica, replicaOf } from './replica.ts';
import { type SegmentProxy, startSegmentProxy } from './segment-proxy.ts';

/** What the faults have done that bears on what must be told. They add to it. */
export interface InjectedFaults {
  readonly cuts: Cut[];
  readonly restores: Restore[];
  /** From the moment at which no operator sends any more, to that of the file that switches on. */
  readonly silences: Span[];
  /** From the file that switches off until every operator has noticed the one that switches on. */
  readonly flips: Span[];
  /** While somebody wrote into the ledger or deleted it. */
  readonly edits: Span[];
}

/** Everything that a run is played on. Nothing of it is left when it is disposed of. */
export interface Scene extends AsyncDisposable {
  readonly lab: Lab;
  readonly makeLedger: Site['makeLedger'];
  readonly collector: Collector;
  readonly segment: SegmentProxy;
  readonly front: Front;
  readonly certificates: { readonly right: Certificate; readonly wrong: Certificate };
  readonly replicas: readonly [Replica, Replica];
  readonly ledger: LedgerAccess;
  /** The configuration file of each replica. */
  readonly configs: readonly [ConfigSource, ConfigSource];
  readonly deeds: InjectedFaults;
}

/** The audit policy names it too. */
const NAMESPACE = 'kusk-chaos';
const POLICY = join(import.meta.dirname, 'audit-policy.json');
/** Rotated, the log would be in several files. */
const AUDIT_MEGABYTES = 100_000;
export const ON = 'analytics:\n  enabled: true\n';
export const OFF = 'analytics:\n  enabled: false\n';

/**
 * Two operators, each with a proxy before the API server, and one way for both to the endpoint: TLS,
 * then a proxy. The operators are not yet started.
 */
export async function setScene(): Promise<Scene> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'kusk-chaos-'));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const apiserverArgs = [`--audit-policy-file=${POLICY}`, `--audit-log-maxsize=${AUDIT_MEGABYTES}`];
  const controlPlane = { audit: true, controllers: true, apiserverArgs };
  const lab = made.adopt(await startLab({ namespaces: ['north', 'south'], controlPlane }), (one) =>
    one.close(),
  );
  const { namespace, makeLedger } = made.use(await lab.site(NAMESPACE));
  const collector = made.use(await startCollector(folder));
  const segment = made.use(await startSegmentProxy(collector.url));
  const { authority } = lab.cp;
  const certificates = {
    right: authority.issue({ commonName: 'segment', hosts: ['127.0.0.1'] }),
    wrong: authority.issue({ commonName: 'segment', hosts: ['segment.invalid'] }),
  };
  const front = made.use(await startFront({ target: segment.url, tls: certificates.right }));
  const configs = [made.use(plainFile(ON)), made.use(plainFile(ON))] as const;
  const replica = async (podName: string, { path }: ConfigSource) => {
    const args = ['--config', path];
    return made.use(await replicaOf(lab, { podName, namespace, endpoint: front.url, args }));
  };
  const replicas = [
    await replica('operator-1', configs[0]),
    await replica('operator-2', configs[1]),
  ] as const;
  const ledger = ledgerAccess(lab.client, namespace);
  const deeds = { cuts: [], restores: [], silences: [], flips: [], edits: [] };
  const all = made.move();
  return {
    lab,
    makeLedger,
    collector,
    segment,
    front,
    certificates,
    replicas,
    ledger,
    configs,
    deeds,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
