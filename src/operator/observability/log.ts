import type { Logger } from 'pino';
import type { WatchState } from '../../cluster/watch-sink.ts';
import type { Consent } from '../../consent/consent.ts';
import { PermanentDeliveryError } from '../../deliver/delivery-error.ts';
import type { Kind } from '../../event.ts';
import type { Payload } from '../../record/ledger.ts';
import { type AdviceOptions, howToSwitchOff, whyNotWritten, whyOf } from './advice.ts';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

/**
 * Every line that the operator logs: what an admin asks first, one line per event that left, one
 * per change of state. Nothing here ever holds a write key or a resource's name.
 */
export type OperatorLog = ReturnType<typeof operatorLog>;

const ON_SWITCH = 'take away each switch that says so (decidedBy names the first)';
/** What is tried until it succeeds, and what the log adds where it fails. */
const ATTEMPTS = {
  'read the ledger': '',
  'read or write the lease': '',
  'read the namespace kube-system': ', without which nothing is sent',
};
type Attempt = keyof typeof ATTEMPTS;

type OnChange = (subject: string, state: string, line: () => void) => void;

export function operatorLog(log: Log, options: AdviceOptions) {
  const told = new Map<string, string>();

  /** Logs only what differs from the last word on the subject. */
  function onChange(subject: string, state: string, line: () => void): void {
    if (told.get(subject) === state) return;
    told.set(subject, state);
    line();
  }

  return {
    consent({ on, decidedBy, problems }: Consent): void {
      for (const problem of problems) log.error(problem);
      if (on) log.info({ decidedBy, howToSwitchOff: howToSwitchOff(options) }, 'telemetry is on');
      else log.info({ decidedBy, howToSwitchOn: ON_SWITCH }, 'telemetry is off: nothing is sent');
    },
    noWriteKey(): void {
      log.warn('nothing is sent: there is no write key. Set analytics.writeKey to send.');
    },
    deliveryProblem(problem: string): void {
      log.error(
        { problem },
        'nothing can be delivered: events are kept. Correct the setting and restart the operator.',
      );
    },
    cluster(clusterId: string, endpoint: URL | undefined): void {
      const to = endpoint && `${endpoint.origin}${endpoint.pathname}`;
      log.info({ clusterId, to }, 'this cluster is known by a hash; events leave for one address');
    },
    sent(payload: Payload): void {
      log.info({ payload }, 'sent');
    },
    segment(state: 'away' | 'back', error?: unknown): void {
      const reason = error instanceof Error ? error.message : undefined;
      if (state === 'back') log.info('the receiver is back: what was kept is sent');
      else if (error instanceof PermanentDeliveryError) {
        log.error(
          { reason },
          'the receiver refuses events: they are kept. Check analytics.writeKey and analytics.endpoint.',
        );
      } else log.warn({ reason }, 'the receiver is away: events are kept until it is back');
    },
    refused(messageId: string, error: Error): void {
      log.error(
        { messageId, reason: error.message },
        'the endpoint refuses this event: it is kept and tried again seldom, the others go on',
      );
    },
    ledger(state: 'failing' | 'back', error?: unknown): void {
      if (state === 'back') log.info('the ledger can be written again');
      else log.warn(whyNotWritten(error), 'the ledger cannot be written: it is kept in memory');
    },
    ledgerUnusable(problem: string): void {
      log.error(
        { problem },
        'the ledger cannot be read: consent begins anew, and what exists now is not told',
      );
    },
    ledgerRestored(): void {
      log.info(
        'the ledger was emptied, deleted, damaged or replaced by somebody else: it is written again, with all that this process knows',
      );
    },
    ledgerForeign(): void {
      log.warn(
        'the ledger is of another cluster, as a restored backup is: it is not used, and consent begins for this cluster',
      );
    },
    ledgerNewer(problem: string): void {
      log.error(
        { problem },
        'nothing is sent: the ledger is not ours to change. Upgrade the operator, or delete the ConfigMap kusk-gateway-ledger.',
      );
    },
    withdrawnElsewhere(onAgain: boolean): void {
      log.info(
        onAgain
          ? 'another replica has switched telemetry off and on again: what was pending is dropped'
          : 'another replica has switched telemetry off: this one is silent until it is on again',
      );
    },
    optedOut(outcome: 'told' | 'failed' | 'kept', detail?: Payload | string): void {
      if (outcome === 'told') {
        log.info(
          { payload: detail },
          'sent the last event: one more has switched telemetry off. This process sends nothing more.',
        );
      } else if (outcome === 'kept') {
        log.info(
          { because: detail },
          'telemetry was switched off. This process sends nothing, not even that it was.',
        );
      } else {
        log.warn(
          { reason: detail },
          'could not tell that telemetry was switched off, and will not try again. This process sends nothing more.',
        );
      }
    },
    leader(state: 'leading' | 'following' | 'lost'): void {
      onChange('lease', state, () => log.info({ state }, 'leader election'));
    },
    /** What an attempt that is repeated reports: a line when it fails, and one when it succeeds again. */
    attempts(what: Attempt) {
      return {
        onTrouble(error: unknown): void {
          const why = whyOf(error);
          onChange(what, why.reason, () =>
            log.warn(why, `cannot ${what}${ATTEMPTS[what]}: trying again`),
          );
        },
        onSuccess(): void {
          if (told.delete(what)) log.info(`can ${what} again`);
        },
      };
    },
    kind: kindStates(log, onChange),
    stopped(): void {
      log.info('stopped');
    },
  };
}

/** Failing watches share one line, since what fails is mostly the way to the API server. */
function kindStates(log: Log, onChange: OnChange) {
  const failing = new Set<Kind>();
  const missed = new Set<Kind>();

  function failed(kind: Kind, error: unknown): void {
    if (failing.size === 0) {
      log.warn({ kind, ...whyOf(error) }, 'cannot watch resources: trying again');
    }
    failing.add(kind);
  }

  function settled(kind: Kind): void {
    if (failing.delete(kind) && failing.size === 0) log.info('resources are watched again');
  }

  return function kindBecame(kind: Kind, state: WatchState, error?: unknown): void {
    if (state === 'failing') failed(kind, error);
    else settled(kind);
    if (state === 'missing') {
      missed.add(kind);
      onChange(kind, state, () => log.info({ kind }, 'its CRD is not installed: waiting for it'));
    } else if (state === 'watching' && missed.has(kind)) {
      onChange(kind, state, () => log.info({ kind }, 'its CRD is here'));
    }
  };
}
