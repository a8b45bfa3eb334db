import type { Logger } from 'pino';
import { LEDGER } from '../../cluster/object-names.ts';
import type { WatchState } from '../../cluster/watch-sink.ts';
import type { Consent } from '../../consent/consent.ts';
import { PermanentDeliveryError } from '../../deliver/delivery-error.ts';
import type { Kind } from '../../event.ts';
import type { Payload } from '../../record/ledger.ts';
import { type AdviceOptions, howToSwitchOff, whyNotWritten, whyOf } from './advice.ts';
import { outage } from './outage.ts';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

/**
 * Every line that the operator logs: the state of telemetry at start and after each change, one
 * line per acknowledged event, and one per change of state. No line contains a write key or a resource's name.
 */
export type OperatorLog = ReturnType<typeof operatorLog>;

const HOW_TO_SWITCH_ON = 'remove each switch that is off; decidedBy names the first';
/** What is retried until it succeeds, and what the log adds if it fails. */
const ATTEMPTS = {
  'read the ledger': '',
  'read or write the lease': '',
  'read the namespace kube-system': ', without which nothing is sent',
};
type Attempt = keyof typeof ATTEMPTS;

type OnChange = (subject: string, state: string, line: () => void) => void;

export function operatorLog(log: Log, options: AdviceOptions) {
  const lastStates = new Map<string, string>();

  /** Logs a line only if the state of the subject has changed. */
  function onChange(subject: string, state: string, line: () => void): void {
    if (lastStates.get(subject) === state) return;
    lastStates.set(subject, state);
    line();
  }

  return {
    consent({ on, decidedBy, problems }: Consent): void {
      for (const problem of problems) log.error(problem);
      if (on)
        log.info(
          { decidedBy, howToSwitchOff: howToSwitchOff(options, decidedBy) },
          'telemetry is on',
        );
      else
        log.info(
          { decidedBy, howToSwitchOn: HOW_TO_SWITCH_ON },
          'telemetry is off: nothing is sent',
        );
    },
    noWriteKey(): void {
      log.warn('nothing is sent: there is no write key. Set analytics.writeKey.');
    },
    deliveryProblem(problem: string): void {
      log.error(
        { problem },
        'no event can be sent: events are kept. Correct the setting and restart the operator.',
      );
    },
    cluster(clusterId: string, endpoint: URL | undefined): void {
      const to = endpoint && `${endpoint.origin}${endpoint.pathname}`;
      log.info({ clusterId, to }, 'events are sent under this cluster id to this endpoint');
    },
    sent(payload: Payload): void {
      log.info({ payload }, 'sent');
    },
    endpoint(state: 'unavailable' | 'available', error?: unknown): void {
      const reason = error instanceof Error ? error.message : undefined;
      if (state === 'available')
        log.info('the endpoint is available again: pending events are sent');
      else if (error instanceof PermanentDeliveryError) {
        log.error(
          { reason },
          'the endpoint refuses events: they are kept. Check analytics.writeKey and analytics.endpoint.',
        );
      } else log.warn({ reason }, 'the endpoint is unavailable: events are kept and sent later');
    },
    refused(messageId: string, error: Error): void {
      log.error(
        { messageId, reason: error.message },
        'the endpoint refuses this event: it is kept and retried at intervals of up to an hour. Other events are sent.',
      );
    },
    ledger(state: 'failing' | 'back', error?: unknown): void {
      if (state === 'back') log.info('the ledger can be written again');
      else log.warn(whyNotWritten(error), 'the ledger cannot be written: it is kept in memory');
    },
    ledgerUnusable(problem: string): void {
      log.error(
        { problem },
        'the ledger is invalid: counting starts again, and resources that exist now are not counted',
      );
    },
    ledgerRestored(): void {
      log.info(
        'the ledger was emptied, deleted, damaged or replaced: it is written again from memory',
      );
    },
    ledgerForeign(): void {
      log.warn(
        'the ledger belongs to another cluster, as after restoring a backup: it is not used, and counting starts for this cluster',
      );
    },
    ledgerOutdated(): void {
      log.warn(
        'the ledger is an old copy, as after restoring a backup: counting starts again, and resources that exist now are not counted',
      );
    },
    ledgerNewer(problem: string): void {
      log.error(
        { problem },
        `nothing is sent: the ledger cannot be used by this version. Upgrade the operator, or delete the ConfigMap ${LEDGER}.`,
      );
    },
    withdrawnElsewhere(onAgain: boolean): void {
      log.info(
        onAgain
          ? 'another replica has switched telemetry off and on again: pending events are dropped'
          : 'another replica has switched telemetry off: this replica sends nothing until it is on again',
      );
    },
    optedOut(outcome: 'sent' | 'failed' | 'withheld', detail?: Payload | string): void {
      if (outcome === 'sent') {
        log.info(
          { payload: detail },
          'telemetry was switched off: the opt-out event was sent. This process sends nothing more.',
        );
      } else if (outcome === 'withheld') {
        log.info(
          { because: detail },
          'telemetry was switched off: no opt-out event is sent. This process sends nothing.',
        );
      } else {
        log.warn(
          { reason: detail },
          'telemetry was switched off: the opt-out event could not be sent and is not retried. This process sends nothing more.',
        );
      }
    },
    leader(state: 'leading' | 'following' | 'lost'): void {
      onChange('lease', state, () => log.info({ state }, 'leader election'));
    },
    /** Returns the callbacks of a retried attempt. They log when it fails, and when it succeeds again. */
    attempts(what: Attempt) {
      return {
        onTrouble(error: unknown): void {
          const why = whyOf(error);
          onChange(what, `${why.reason} ${why.todo}`, () =>
            log.warn(why, `cannot ${what}${ATTEMPTS[what]}: trying again`),
          );
        },
        onSuccess(): void {
          if (lastStates.delete(what)) log.info(`can ${what} again`);
        },
      };
    },
    kind: kindStates(log, onChange),
    stopped(): void {
      log.info('stopped');
    },
  };
}

/** All failing watches share their lines, because the usual cause is the connection to the API server. */
function kindStates(log: Log, onChange: OnChange) {
  const { hasNews, end } = outage();
  const failing = new Set<Kind>();
  const missing = new Set<Kind>();

  function failed(kind: Kind, error: unknown): void {
    const why = whyOf(error);
    if (hasNews(why)) log.warn({ kind, ...why }, 'cannot watch resources: trying again');
    failing.add(kind);
  }

  function settled(kind: Kind): void {
    if (!failing.delete(kind) || failing.size > 0) return;
    end();
    log.info('resources are watched again');
  }

  return function logKindState(kind: Kind, state: WatchState, error?: unknown): void {
    if (state === 'failing') failed(kind, error);
    else settled(kind);
    if (state === 'missing') {
      missing.add(kind);
      onChange(kind, state, () => log.info({ kind }, 'the CRD is not installed: waiting for it'));
    } else if (state === 'watching' && missing.has(kind)) {
      onChange(kind, state, () => log.info({ kind }, 'the CRD is installed'));
    }
  };
}
