import type { Facts } from './facts.ts';
import type { TelemetryView } from './telemetry-view.ts';
import { ELSEWHERE, verdict } from './verdict-history.ts';
import type { Verdict } from './view.ts';

const NOT_INSTALLED = verdict(
  'not-counted',
  'No operator is installed and there is no ledger. What exists when one begins to count is not counted.',
);
const ALWAYS_OFF = verdict(
  'not-counted',
  'Telemetry is off and there is no ledger: unless somebody has deleted it, nothing was ever counted.',
);
const NOT_BEGUN = verdict(
  'unknown',
  'There is no ledger yet. What exists when the operator begins to count is not counted.',
);

/** Returns the verdict of every resource while there is no usable ledger. */
export function verdictWithoutLedger(
  { ledger }: Facts,
  { state }: Pick<TelemetryView, 'state'>,
): Verdict {
  switch (ledger.state) {
    case 'unread':
      return verdict('unknown', 'The ledger was not read yet.');
    case 'denied':
      return verdict('unknown', 'You may not read the ledger.');
    case 'read':
      return verdict('unknown', 'The ledger is the one of another cluster.');
    case 'missing':
      return withoutAny(state);
    default:
      return verdict('unknown', 'The ledger cannot be used.');
  }
}

function withoutAny(state: TelemetryView['state']): Verdict {
  if (state === 'not-installed') return NOT_INSTALLED;
  if (state === 'elsewhere') return ELSEWHERE;
  return state === 'off' ? ALWAYS_OFF : NOT_BEGUN;
}
