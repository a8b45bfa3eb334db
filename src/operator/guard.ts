import { TemporaryDeliveryError } from '../deliver/delivery-error.ts';
import type { Deliver } from '../event.ts';

/** Nothing may leave at this moment. It says nothing about the endpoint. */
export class NotAllowedError extends TemporaryDeliveryError {
  constructor() {
    super('not now');
  }
}

/** Wraps `deliver` so that nothing leaves at a moment at which it is not allowed. */
export function guard(deliver: Deliver, allowed: () => boolean): Deliver {
  return async function deliverIfAllowed(event) {
    if (!allowed()) throw new NotAllowedError();
    await deliver(event);
  };
}

/** Whether an event was held back by this process, so that the endpoint has not seen it. */
export function isOurs(failure: unknown): boolean {
  return failure instanceof NotAllowedError;
}
