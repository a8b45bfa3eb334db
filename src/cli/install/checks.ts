import { MANAGER } from '../../cluster/object-names.ts';
import { KINDS } from '../../event.ts';
import { checkInstallation } from './check-installation.ts';
import { type CheckFacts, type CheckLine, unknown } from './check-line.ts';
import { kubectl, kuskFlags } from './cluster-flags.ts';
import { operatorsIn } from './neighbours.ts';
import { ownerOf, ownerText } from './owner.ts';
import { FORMER_CRD } from './snapshot.ts';

const OLDEST = { major: 1, minor: 27 } as const;

/** Returns the lines of `kusk cluster check`. */
export function checkLines(facts: CheckFacts): readonly CheckLine[] {
  const before = [apiServer(facts), ...rights(facts), checkInstallation(facts), crds(facts)];
  const security = podSecurity(facts);
  if (facts.pre || operatorsIn(facts.snapshot).length === 0) return [...before, security];
  return [...before, security, readiness(facts), telemetry(facts)];
}

function apiServer({ server, version }: CheckFacts): CheckLine {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const isOld = Number(major) === OLDEST.major && Number(minor) < OLDEST.minor;
  const text = `${version} at ${server}`;
  if (!isOld) return { check: 'API server', status: 'ok', text };
  return {
    check: 'API server',
    status: 'failed',
    text,
    advice: `Upgrade the cluster: Kubernetes ${OLDEST.major}.${OLDEST.minor} or later is needed.`,
  };
}

function rights({ missing, objects, snapshot }: CheckFacts): readonly CheckLine[] {
  const advice = 'Ask an administrator of the cluster for them.';
  const { forbidden } = snapshot;
  const lines = [
    ...(forbidden.length > 0 ? [`may not ${forbidden.join(', ')}`] : []),
    ...[...missing].map(([object, verbs]) => `${object}: may not ${verbs}`),
  ];
  if (lines.length === 0) {
    const text = `may create, change and delete all ${objects} objects`;
    return [{ check: 'rights', status: 'ok', text }];
  }
  return lines.map((text) => ({ check: 'rights', status: 'failed', text, advice }));
}

function crds({ flags, snapshot, pre }: CheckFacts): CheckLine {
  if (snapshot.forbidden.includes('get customresourcedefinitions')) return unknown('CRDs');
  const found = [...snapshot.named.values()].filter(
    ({ kind }) => kind === 'CustomResourceDefinition',
  );
  const names = new Set(
    found.map(({ metadata }) => metadata.name.replace(/^envoyfleets\./, 'envoyfleet.')),
  );
  if (snapshot.formerCrd) names.add(FORMER_CRD);
  const all = snapshot.formerCrd ? [...found, snapshot.formerCrd] : found;
  const owners = [...new Set(all.map((crd) => ownerText(ownerOf(crd))))];
  const by = owners.length > 0 ? `, by ${owners.join(' and ')}` : '';
  const text = `${names.size} of ${KINDS.length}${by}`;
  if (names.size === KINDS.length || pre) return { check: 'CRDs', status: 'ok', text };
  const advice = `Create what is missing: kusk cluster install${kuskFlags(snapshot.namespace, flags)}`;
  return { check: 'CRDs', status: 'failed', text, advice };
}

function podSecurity({ snapshot, rollout }: CheckFacts): CheckLine {
  if (rollout?.state === 'stuck' && /PodSecurity/.test(rollout.text)) {
    return { check: 'Pod Security', status: 'failed', text: rollout.text, advice: rollout.advice };
  }
  if (snapshot.forbidden.includes('get namespaces')) return unknown('Pod Security');
  const namespace = snapshot.named.get(`Namespace ${snapshot.namespace}`);
  const level = namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce'];
  const text = level === undefined ? 'no level is enforced' : `${level} is enforced, and met`;
  return { check: 'Pod Security', status: 'ok', text };
}

function readiness({ flags, snapshot, rollout, trouble }: CheckFacts): CheckLine {
  if (rollout === undefined || rollout.state === 'ready') {
    return { check: 'readiness', status: 'ok', text: rollout?.text ?? 'unknown' };
  }
  const [operator] = operatorsIn(snapshot);
  const name = operator?.metadata.name ?? MANAGER;
  const wait = `Wait, or see more: ${kubectl(flags, snapshot.namespace)} describe deployment ${name}`;
  const { text, advice } =
    rollout.state === 'stuck' ? rollout : (trouble ?? { text: rollout.text, advice: wait });
  return { check: 'readiness', status: 'failed', text, advice };
}

function telemetry({ telemetry: found }: CheckFacts): CheckLine {
  if (found === undefined) return { check: 'telemetry', status: 'warning', text: 'cannot be read' };
  const { consent, ledger } = found;
  const [problem] = consent.problems;
  const state = `${consent.on ? 'on' : 'off'}: ${consent.decidedBy}`;
  if (problem !== undefined) {
    return { check: 'telemetry', status: 'warning', text: state, advice: problem };
  }
  if (ledger.state === 'damaged') {
    const advice = 'The operator writes a new one, and nothing is counted twice.';
    return {
      check: 'telemetry',
      status: 'warning',
      text: `${state}; the ledger is damaged`,
      advice,
    };
  }
  const foreign = "; the ledger is another cluster's, and is not used";
  return {
    check: 'telemetry',
    status: 'ok',
    text: ledger.state === 'foreign' ? `${state}${foreign}` : state,
  };
}
