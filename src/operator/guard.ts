import { TemporaryDeliveryError } from '../deliver/errors.ts';
import type { Deliver } from '../event.ts';

/** Wraps `deliver` so that nothing leaves at a moment at which it is not allowed. */
export function guard(deliver: Deliver, allowed: () => boolean): Deliver {
  return async function deliverIfAllowed(event) {
    if (!allowed()) throw new TemporaryDeliveryError('not now');
    await deliver(event);
  };
}
