import { hasStatus, isRequestError, reasonOf } from '../../cluster/errors.ts';
import type { Consent } from '../../consent/consent.ts';
import { CommandError } from '../command-error.ts';
import { carryOut } from './carry-out.ts';
import { type ClusterFlags, kubectl } from './cluster-flags.ts';
import {
  type ClusterTelemetry,
  readClusterTelemetry,
  writeClusterOptOut,
} from './cluster-telemetry.ts';
import { findElsewhere, refuseElsewhere } from './elsewhere.ts';
import { formerSettings } from './former-settings.ts';
import type { KubeApi } from './kube-api.ts';
import { planInstall } from './plan.ts';
import { refuseConflicts, refuseMissingRights } from './preflight.ts';
import { preview } from './preview.ts';
import { decideSettings } from './settings.ts';
import { readSnapshot } from './snapshot.ts';
import {
  isOfThisVersion,
  switchOn,
  switchOnByHand,
  switchOnText,
  upgradeCommand,
} from './switch-on.ts';

export interface ClusterSwitchOptions {
  readonly namespace: string;
  readonly flags: ClusterFlags;
}

/** What runs after a switch to off. */
export interface SwitchedOff {
  readonly telemetry: ClusterTelemetry;
  /** The other namespaces with an operator, as far as the account may see them. */
  readonly others: readonly string[];
}

/** What switching a cluster on has led to. */
export interface SwitchedOn {
  readonly telemetry: ClusterTelemetry;
  /** What a person still has to do, as a command or a sentence, if telemetry is still off. */
  readonly advice: string | undefined;
}

/** An upgrade does not look at the machine. */
const UNUSED: Consent = { on: false, decidedBy: '', problems: [] };

/**
 * Switches a cluster's telemetry off for good. A running operator follows within a minute or two.
 *
 * `unread` is why it can't be read what runs there. It is off all the same.
 */
export async function switchClusterOff(
  api: KubeApi,
  options: ClusterSwitchOptions,
): Promise<SwitchedOff | { readonly unread: string }> {
  const { namespace } = options;
  await writeOptOut(api, { ...options, enabled: false });
  try {
    const telemetry = await readClusterTelemetry(api, namespace);
    const found = telemetry.operator ? await findElsewhere(api) : telemetry.elsewhere;
    const others = found === 'forbidden' ? [] : found.filter((one) => one !== namespace);
    return { telemetry, others };
  } catch (error) {
    if (!isRequestError(error)) throw error;
    return { unread: hasStatus(error, 403) ? 'your account may not see it' : reasonOf(error) };
  }
}

/**
 * Switches a cluster's telemetry on: an operator that `kusk` itself installed off, and then the opt-out, so that
 * it stays if anything before it fails. Any other switch that says off still wins, and the advice says how to
 * change it.
 */
export async function switchClusterOn(
  api: KubeApi,
  options: ClusterSwitchOptions,
): Promise<SwitchedOn> {
  const { namespace } = options;
  const { operator } = await readClusterTelemetry(api, namespace);
  if (operator?.owner.by === 'kusk' && isOfThisVersion(operator)) await installOn(api, options);
  await writeOptOut(api, { ...options, enabled: true });
  const telemetry = await readClusterTelemetry(api, namespace);
  return { telemetry, advice: telemetry.consent.on ? undefined : adviceFor(telemetry, options) };
}

function adviceFor(telemetry: ClusterTelemetry, { flags }: ClusterSwitchOptions): string {
  const isTried = isOfThisVersion(telemetry.operator);
  return switchOnText((isTried ? switchOnByHand : switchOn)(telemetry, flags));
}

interface OptOutOptions extends ClusterSwitchOptions {
  readonly enabled: boolean;
}

/** Writes the opt-out. Throws a `CommandError` if there is no such namespace. */
async function writeOptOut(
  api: KubeApi,
  { namespace, enabled, flags }: OptOutOptions,
): Promise<void> {
  try {
    await writeClusterOptOut(api, { namespace, enabled });
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
    const elsewhere = await findElsewhere(api);
    const command = `kusk analytics ${enabled ? 'enable' : 'disable'} --cluster`;
    if (elsewhere !== 'forbidden') refuseElsewhere(elsewhere, { command, flags });
    const create = `To opt out before an install, create it: ${kubectl(flags)} create namespace ${namespace}`;
    throw new CommandError(`namespace ${namespace} does not exist, and nothing was changed`, {
      ...(enabled ? {} : { advice: create }),
      cause: error,
    });
  }
}

/** Applies the operator with telemetry if `kusk` installed it without. All other settings stay. */
async function installOn(api: KubeApi, { namespace, flags }: ClusterSwitchOptions): Promise<void> {
  const snapshot = await readSnapshot(api, namespace);
  const former = formerSettings(snapshot);
  if (former.analytics !== false) return;
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
  const advice = `To overwrite them, before this command: ${upgradeCommand(namespace, flags)} --force-conflicts`;
  refuseConflicts(conflicts, snapshot, { advice });
  await carryOut(steps, { api, snapshot, force: false, onDone: () => undefined });
}
