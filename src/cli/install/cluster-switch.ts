import type { Consent } from '../../consent/consent.ts';
import { carryOut } from './carry-out.ts';
import type { ClusterFlags } from './cluster-flags.ts';
import {
  type ClusterTelemetry,
  readClusterTelemetry,
  writeClusterOptOut,
} from './cluster-telemetry.ts';
import { formerSettings } from './former-settings.ts';
import type { KubeApi } from './kube-api.ts';
import { planInstall } from './plan.ts';
import { refuseConflicts, refuseMissingRights } from './preflight.ts';
import { preview } from './preview.ts';
import { decideSettings } from './settings.ts';
import { readSnapshot } from './snapshot.ts';
import { switchOnByHand, switchOnText } from './switch-on.ts';

export interface ClusterSwitchOptions {
  readonly namespace: string;
}

/** What switching a cluster on has led to. */
export interface SwitchedOn {
  readonly telemetry: ClusterTelemetry;
  /** What a person still has to do, as a command or a sentence, if telemetry is still off. */
  readonly advice: string | undefined;
}

/** An upgrade does not look at the machine. */
const UNUSED: Consent = { on: false, decidedBy: '', problems: [] };

/** Switches a cluster's telemetry off for good. A running operator follows within a minute or two. */
export async function switchClusterOff(
  api: KubeApi,
  { namespace }: ClusterSwitchOptions,
): Promise<ClusterTelemetry> {
  await writeClusterOptOut(api, { namespace, enabled: false });
  return await readClusterTelemetry(api, namespace);
}

/**
 * Switches a cluster's telemetry on: the opt-out, and an operator that `kusk` itself installed off. Any
 * other switch that says off still wins, and the advice says how to change it.
 */
export async function switchClusterOn(
  api: KubeApi,
  { namespace, flags }: ClusterSwitchOptions & { readonly flags: ClusterFlags },
): Promise<SwitchedOn> {
  await writeClusterOptOut(api, { namespace, enabled: true });
  const before = await readClusterTelemetry(api, namespace);
  if (before.consent.on) return { telemetry: before, advice: undefined };
  if (before.operator?.owner.by === 'kusk') await installOn(api, namespace);
  const telemetry = await readClusterTelemetry(api, namespace);
  if (telemetry.consent.on) return { telemetry, advice: undefined };
  return { telemetry, advice: switchOnText(switchOnByHand(telemetry, flags)) };
}

/** Applies the operator with telemetry. All other settings stay. */
async function installOn(api: KubeApi, namespace: string): Promise<void> {
  const snapshot = await readSnapshot(api, namespace);
  const former = formerSettings(snapshot);
  const { settings } = decideSettings({
    namespace,
    command: 'upgrade',
    wishes: { ...former, analytics: true },
    former,
    machine: UNUSED,
  });
  const steps = planInstall(snapshot, settings);
  await refuseMissingRights(api, { steps, snapshot });
  const { conflicts } = await preview(steps, { api, snapshot, force: false });
  refuseConflicts(conflicts, snapshot);
  await carryOut(steps, { api, snapshot, force: false, onDone: () => undefined });
}
