import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Owner, ownerOf, ownerText, shellWord } from '../../../src/cli/install/owner.ts';
import { adviceFor } from '../../../src/cli/install/refusals.ts';
import { anObject, BY_KUBECTL, BY_KUSK, type ObjectParts } from './fixtures.ts';

const helm = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: {
    'meta.helm.sh/release-name': 'gw',
    'meta.helm.sh/release-namespace': 'kusk-system',
  },
};

describe('the owner of an object', () => {
  const cases: readonly {
    readonly title: string;
    readonly parts: ObjectParts;
    readonly owner: Owner;
  }[] = [
    {
      title: 'Helm, by its annotations',
      parts: helm,
      owner: { by: 'Helm', release: 'gw', namespace: 'kusk-system' },
    },
    {
      title: 'Helm, even if kusk has applied it before',
      parts: { ...helm, by: [BY_KUSK] },
      owner: { by: 'Helm', release: 'gw', namespace: 'kusk-system' },
    },
    {
      title: 'Flux, if its Helm controller made the release',
      parts: {
        ...helm,
        labels: { 'helm.toolkit.fluxcd.io/name': 'gw', 'helm.toolkit.fluxcd.io/namespace': 'flux' },
      },
      owner: { by: 'Flux', resource: 'helmrelease', name: 'gw', namespace: 'flux' },
    },
    {
      title: 'Flux, by the labels of a Kustomization',
      parts: {
        labels: {
          'kustomize.toolkit.fluxcd.io/name': 'apps',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
      },
      owner: { by: 'Flux', resource: 'kustomization', name: 'apps', namespace: 'flux-system' },
    },
    {
      title: 'Argo CD, by its tracking id',
      parts: {
        annotations: { 'argocd.argoproj.io/tracking-id': 'edge:/Service:kusk-system/x' },
      },
      owner: { by: 'Argo CD', application: 'edge' },
    },
    {
      title: 'Argo CD, by its label',
      parts: { labels: { 'argocd.argoproj.io/instance': 'edge' } },
      owner: { by: 'Argo CD', application: 'edge' },
    },
    {
      title:
        'Argo CD, by its manager, if it renders the chart and tracks by the label of the instance',
      parts: {
        labels: {
          'app.kubernetes.io/managed-by': 'Helm',
          'app.kubernetes.io/instance': 'edge',
        },
        by: [{ manager: 'argocd-controller', operation: 'Apply' }],
      },
      owner: { by: 'Argo CD', application: 'edge' },
    },
    {
      title: 'Helm, by its annotations, although Argo CD has written a field',
      parts: { ...helm, by: [{ manager: 'argocd-controller', operation: 'Update' }] },
      owner: { by: 'Helm', release: 'gw', namespace: 'kusk-system' },
    },
    {
      title: 'a Helm chart, if no release is named',
      parts: { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, by: [BY_KUBECTL] },
      owner: { by: 'a Helm chart', namespace: 'kusk-system' },
    },
    { title: 'kusk', parts: {}, owner: { by: 'kusk' } },
    {
      title: 'kusk, although a person has edited a field',
      parts: { by: [{ manager: 'kubectl-edit', operation: 'Update' }, BY_KUSK] },
      owner: { by: 'kusk' },
    },
    { title: 'kubectl', parts: { by: [BY_KUBECTL] }, owner: { by: 'kubectl' } },
    {
      title: 'another program',
      parts: {
        by: [
          { manager: 'kube-controller-manager', operation: 'Update', subresource: 'status' },
          { manager: 'terraform', operation: 'Apply' },
        ],
      },
      owner: { by: 'another program', manager: 'terraform' },
    },
    {
      title: 'unknown, if nobody is recorded',
      parts: { by: [] },
      owner: { by: 'another program', manager: undefined },
    },
  ];
  for (const { title, parts, owner } of cases) {
    it(`is ${title}`, () => assert.deepEqual(ownerOf(anObject(parts)), owner));
  }

  it('is a program that is not recorded, if there is no manager', () => {
    assert.equal(ownerText(ownerOf(anObject({ by: [] }))), 'a program that is not recorded');
  });

  it('is named without the control characters of a label', () => {
    const owner = ownerOf(anObject({ labels: { 'argocd.argoproj.io/instance': 'a\u001b[2J' } }));
    assert.equal(ownerText(owner), 'Argo CD application a\\u001b[2J');
  });
});

describe('the command to use instead', () => {
  const helmOwner: Owner = { by: 'Helm', release: 'gw', namespace: 'ns' };
  const argo: Owner = { by: 'Argo CD', application: 'edge' };
  const flux: Owner = { by: 'Flux', resource: 'kustomization', name: 'apps', namespace: 'fs' };
  const cases = [
    {
      owner: helmOwner,
      command: 'upgrade',
      advice:
        'Use Helm, with the chart of the release for CHART: helm upgrade gw CHART --kube-context prod --namespace ns --reset-then-reuse-values',
    },
    {
      owner: helmOwner,
      command: 'uninstall',
      advice: 'Use Helm: helm uninstall gw --kube-context prod --namespace ns',
    },
    {
      owner: argo,
      command: 'install',
      advice: 'Change the source of the application, then: argocd app sync edge',
    },
    {
      owner: argo,
      command: 'uninstall',
      advice: 'Remove it from the source of the application, then: argocd app sync edge --prune',
    },
    {
      owner: flux,
      command: 'upgrade',
      advice:
        'Change the source, then: flux reconcile kustomization apps --namespace fs --with-source',
    },
    {
      owner: { by: 'a Helm chart', namespace: 'ns' },
      command: 'upgrade',
      advice:
        'Use what applied the chart. If it is a release of Helm, this names it: helm list --kube-context prod --namespace ns',
    },
    {
      owner: { by: 'another program', manager: undefined },
      command: 'install',
      advice: 'If it is not needed, delete it with kubectl. Else use another namespace, with -n.',
    },
  ] as const;
  for (const { owner, command, advice } of cases) {
    it(`is named for ${owner.by}, ${command}`, () => {
      assert.equal(adviceFor(owner, { command, flags: { context: 'prod' } }), advice);
    });
  }

  it('quotes what a shell would act on', () => {
    assert.equal(shellWord('$(reboot)'), "'$(reboot)'");
    assert.equal(shellWord("a'b\n"), "'a'\\''b\\n'");
  });
});
