import type { Consent } from '../../consent/consent.ts';
import type { InstallSettings } from './object-settings.ts';

/** What the flags say. An empty text is the default. */
export interface Wishes {
  readonly analytics: boolean | undefined;
  readonly image: string | undefined;
  readonly replicas: number | undefined;
  readonly endpoint: string | undefined;
  readonly writeKey: string | undefined;
}

/** What a command of an earlier day has set, read from the cluster. */
export interface Former {
  /** `undefined` if it is not set: there is no Deployment, and no switch says off. */
  readonly analytics: boolean | undefined;
  readonly image: string | undefined;
  readonly replicas: number | undefined;
  readonly endpoint: string | undefined;
  readonly writeKey: string | undefined;
}

export interface SettingsOptions {
  readonly namespace: string;
  readonly command: 'install' | 'upgrade';
  readonly wishes: Wishes;
  readonly former: Former;
  /** Whether this machine's telemetry is on. */
  readonly machine: Consent;
}

export interface Decided {
  readonly settings: InstallSettings;
  /** Why telemetry is on or off, as a sentence without a full stop. */
  readonly decidedBy: string;
  /** The image, if it is the one from before because no flag names another. It can have any version. */
  readonly keptImage: string | undefined;
}

export const NOTHING_SET: Former = {
  analytics: undefined,
  image: undefined,
  replicas: undefined,
  endpoint: undefined,
  writeKey: undefined,
};

/** Returns the settings of an install or an upgrade: flags, then what was set before, then defaults. */
export function decideSettings(options: SettingsOptions): Decided {
  const { namespace, wishes, former } = options;
  const consent = decideAnalytics(options);
  return {
    decidedBy: consent.decidedBy,
    keptImage: wishes.image === undefined ? former.image : undefined,
    settings: {
      namespace,
      analytics: consent.on,
      image: chosen(wishes.image, former.image),
      replicas: wishes.replicas ?? former.replicas,
      endpoint: chosen(wishes.endpoint, former.endpoint),
      writeKey: chosen(wishes.writeKey, former.writeKey),
    },
  };
}

function chosen(wish: string | undefined, former: string | undefined): string | undefined {
  const text = wish ?? former;
  return text === '' ? undefined : text;
}

/**
 * Decides whether the operator is installed with telemetry.
 *
 * The flag decides. Without it, an off that is there stays. `install` is off too if this machine's
 * telemetry is off. `upgrade` changes nothing, and takes a missing answer for a no.
 */
function decideAnalytics({ command, wishes, former, machine }: SettingsOptions) {
  if (wishes.analytics !== undefined) {
    return { on: wishes.analytics, decidedBy: `--analytics ${wishes.analytics ? 'on' : 'off'}` };
  }
  if (former.analytics === false) return { on: false, decidedBy: 'it was off before' };
  if (command === 'upgrade') {
    return former.analytics
      ? { on: true, decidedBy: 'it was on before' }
      : { on: false, decidedBy: 'nobody has answered whether it is on' };
  }
  if (!machine.on) return { on: false, decidedBy: `on this machine, ${machine.decidedBy}` };
  return former.analytics
    ? { on: true, decidedBy: 'it was on before' }
    : { on: true, decidedBy: 'the default, as no switch says off' };
}
