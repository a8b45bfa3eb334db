import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeCommands } from '../../../src/cli/install/change-commands.ts';
import type { SwitchPlace } from '../../../src/cli/install/cluster-switches.ts';
import type { Owner } from '../../../src/cli/install/owner.ts';
import { closingText } from '../../../src/cli/install/report.ts';
import { switchOn, switchOnByHand, switchOnText } from '../../../src/cli/install/switch-on.ts';
import { decideConsent } from '../../../src/consent/consent.ts';

const NAMESPACE = 'kusk-system';
const ENABLE = 'kusk analytics enable --cluster';
const HELM: Owner = { by: 'Helm', release: 'gw', namespace: NAMESPACE };
const BY_HELM =
  'helm upgrade gw CHART --namespace kusk-system --reset-then-reuse-values --set analytics.enabled=true';
const CLEAR =
  'kubectl -n kusk-system patch configmap gw --type=merge --patch=\'{"data":{"ANALYTICS_ENABLED":null}}\'';
const EDIT =
  'Set analytics.enabled to true in config.yaml: kubectl -n kusk-system edit configmap gw';

const OWN: SwitchPlace = { kind: 'own ConfigMap', name: 'gw', key: 'ANALYTICS_ENABLED' };
const FILE: SwitchPlace = {
  kind: 'own ConfigMap',
  name: 'gw',
  key: 'config.yaml',
  setting: 'analytics.enabled',
};
const ENABLED: SwitchPlace = { kind: 'Deployment', variable: 'ANALYTICS_ENABLED' };
const DO_NOT_TRACK: SwitchPlace = { kind: 'Deployment', variable: 'DO_NOT_TRACK' };
const SECRET: SwitchPlace = {
  kind: 'Secret',
  name: 's',
  key: 'it is',
  variable: 'ANALYTICS_ENABLED',
};

function optionsOf(by: Owner | undefined, offBy: SwitchPlace | undefined) {
  const operator = by && { name: 'gw', owner: by };
  return { namespace: NAMESPACE, operator, offBy };
}

const KUSK: Owner = { by: 'kusk' };
const KUBECTL: Owner = { by: 'kubectl' };

describe('what switches telemetry of a cluster on', () => {
  const FLUX: Owner = { by: 'Flux', resource: 'helmrelease', name: 'gw', namespace: 'flux' };
  const cases: readonly {
    readonly title: string;
    readonly owner: Owner | undefined;
    readonly offBy: SwitchPlace | undefined;
    readonly first: string;
    /** After `kusk analytics enable --cluster` was tried. */
    readonly afterwards?: string;
  }[] = [
    { title: 'the opt-out', owner: HELM, offBy: { kind: 'opt-out' }, first: ENABLE },
    { title: 'nothing that can be read', owner: KUSK, offBy: undefined, first: ENABLE },
    {
      title: 'what kusk or a hand wrote',
      owner: KUSK,
      offBy: OWN,
      first: ENABLE,
      afterwards: CLEAR,
    },
    {
      title: 'what kusk or a hand set in the Deployment',
      owner: KUSK,
      offBy: ENABLED,
      first: ENABLE,
      afterwards: 'kubectl -n kusk-system set env deployment/gw ANALYTICS_ENABLED-',
    },
    {
      title: 'a variable that kusk never sets',
      owner: KUSK,
      offBy: DO_NOT_TRACK,
      first: 'kubectl -n kusk-system set env deployment/gw DO_NOT_TRACK-',
    },
    {
      title: 'a variable applied by kubectl',
      owner: KUBECTL,
      offBy: ENABLED,
      first: 'kubectl -n kusk-system set env deployment/gw ANALYTICS_ENABLED-',
    },
    { title: 'the ConfigMap of others', owner: KUBECTL, offBy: OWN, first: CLEAR },
    { title: 'a file of a hand', owner: KUSK, offBy: FILE, first: EDIT },
    {
      title: 'a file that cannot be understood',
      owner: KUSK,
      offBy: { kind: 'own ConfigMap', name: 'gw', key: 'config.yaml' },
      first: 'Correct config.yaml: kubectl -n kusk-system edit configmap gw',
    },
    { title: 'a release of Helm', owner: HELM, offBy: ENABLED, first: BY_HELM },
    {
      title: 'a chart of which no release is known',
      owner: { by: 'a Helm chart', namespace: NAMESPACE },
      offBy: ENABLED,
      first: 'Take ANALYTICS_ENABLED out of the Deployment, as a Helm chart has it.',
    },
    {
      title: 'another variable of a release of Helm',
      owner: HELM,
      offBy: DO_NOT_TRACK,
      first: 'Take DO_NOT_TRACK out of the Deployment, as Helm release gw has it.',
    },
    {
      title: 'a variable of another tool',
      owner: FLUX,
      offBy: ENABLED,
      first: 'Take ANALYTICS_ENABLED out of the Deployment, as Flux helmrelease flux/gw has it.',
    },
    {
      title: 'a key of a Secret',
      owner: KUSK,
      offBy: SECRET,
      first:
        'kubectl -n kusk-system patch secret s --type=merge --patch=\'{"stringData":{"it is":"true"}}\' && kubectl -n kusk-system rollout restart deployment/gw',
    },
    {
      title: 'DO_NOT_TRACK of a ConfigMap that others may use',
      owner: KUSK,
      offBy: { kind: 'ConfigMap', name: 'all', key: 'DO_NOT_TRACK', variable: 'DO_NOT_TRACK' },
      first:
        "Other workloads may use key DO_NOT_TRACK of ConfigMap all too. Change it there, or take it out of the operator's Deployment, and restart the operator: kubectl -n kusk-system rollout restart deployment/gw",
    },
    { title: 'a variable without an operator', owner: undefined, offBy: ENABLED, first: ENABLE },
    {
      title: 'a Secret without an operator',
      owner: undefined,
      offBy: SECRET,
      first:
        'kubectl -n kusk-system patch secret s --type=merge --patch=\'{"stringData":{"it is":"true"}}\'',
    },
  ];
  for (const { title, owner, offBy, first, afterwards = first } of cases) {
    it(`depends on what says off: ${title}`, () => {
      const ways = [switchOn, switchOnByHand].map((way) => way(optionsOf(owner, offBy), {}));
      assert.deepEqual(ways.map(switchOnText), [first, afterwards]);
    });
  }

  it('is the first command of the dashboard, beside those of every cluster', () => {
    const commandsOf = (offBy: SwitchPlace | undefined) =>
      changeCommands(optionsOf(HELM, offBy), {}).on.map(({ command }) => command);
    assert.deepEqual(commandsOf(undefined), [ENABLE, BY_HELM]);
    assert.deepEqual(commandsOf(ENABLED), [ENABLE, BY_HELM]);
    assert.deepEqual(commandsOf(DO_NOT_TRACK), [ENABLE, BY_HELM]);
    assert.deepEqual(commandsOf(OWN), [CLEAR, ENABLE, BY_HELM]);
    const [first] = changeCommands(optionsOf(HELM, FILE), {}).on;
    assert.deepEqual(first, {
      title: 'Set analytics.enabled to true in config.yaml.',
      command: 'kubectl -n kusk-system edit configmap gw',
    });
  });

  it('is a command for the cluster of the flags', () => {
    const flags = { kubeconfig: 'my file', context: 'prod' };
    const of = (owner: Owner, offBy?: SwitchPlace) =>
      switchOnText(switchOn({ ...optionsOf(owner, offBy), namespace: 'ns' }, flags));
    const kubectl = "kubectl --kubeconfig 'my file' --context prod -n ns";
    assert.deepEqual(
      [of(KUSK), of(HELM, ENABLED), of(KUSK, DO_NOT_TRACK), of(KUBECTL, SECRET)],
      [
        "kusk analytics enable --cluster --kubeconfig 'my file' --context prod -n ns",
        "helm upgrade gw CHART --kubeconfig 'my file' --kube-context prod --namespace kusk-system --reset-then-reuse-values --set analytics.enabled=true",
        `${kubectl} set env deployment/gw DO_NOT_TRACK-`,
        `${kubectl} patch secret s --type=merge --patch='{"stringData":{"it is":"true"}}' && ${kubectl} rollout restart deployment/gw`,
      ],
    );
    assert.deepEqual(
      changeCommands(optionsOf(KUSK, undefined), flags).off.map(({ command }) => command),
      [
        "kusk analytics disable --cluster --kubeconfig 'my file' --context prod",
        "kubectl --kubeconfig 'my file' --context prod -n kusk-system create configmap kusk-gateway-opt-out --from-literal=enabled=false --dry-run=client -o yaml | kubectl --kubeconfig 'my file' --context prod apply --server-side --force-conflicts -f -",
      ],
    );
  });

  it('ends an install', () => {
    const text = closingText({
      namespace: NAMESPACE,
      flags: { context: 'prod' },
      consent: decideConsent([{ name: 'x in Secret s', value: 'no' }]),
      decidedBy: 'default',
      installedOn: true,
      switchOn: { command: 'kubectl patch' },
      columns: 80,
    });
    assert.match(
      text,
      /^Telemetry is OFF: x in Secret s is "no"\.\nSwitch it on: {2}kubectl patch\nSee it all: {4}kusk analytics status --context prod\n$/,
    );
  });
});
