/** Either kind of failure. Whoever gets one still owns the event: nothing was acknowledged. */
export type DeliveryError = TemporaryDeliveryError | PermanentDeliveryError;

export interface TemporaryDeliveryOptions extends ErrorOptions {
  readonly retryAfterMs?: number | undefined;
}

/**
 * Worth another try soon: no connection, no answer, or an answer that says "later".
 *
 * The message is a reason of a few words for one line of a log. It holds neither the write key nor
 * anything of the address.
 */
export class TemporaryDeliveryError extends Error {
  override readonly name = 'TemporaryDeliveryError';
  /** How long the receiver asks to be left alone, in milliseconds, where it says so. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: string, { retryAfterMs, ...options }: TemporaryDeliveryOptions = {}) {
    super(reason, options);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface PermanentDeliveryOptions extends ErrorOptions {
  readonly status: number;
}

/** Refused, and the same again would be refused again. The message is as of a temporary one. */
export class PermanentDeliveryError extends Error {
  override readonly name = 'PermanentDeliveryError';
  /** The HTTP status. 400 and 413 also stand for an event that is refused before it leaves. */
  readonly status: number;

  constructor(reason: string, { status, ...options }: PermanentDeliveryOptions) {
    super(reason, options);
    this.status = status;
  }
}

export function isDeliveryError(error: unknown): error is DeliveryError {
  return error instanceof TemporaryDeliveryError || error instanceof PermanentDeliveryError;
}
