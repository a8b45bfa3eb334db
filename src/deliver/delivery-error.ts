/** Either kind of failure. Whoever gets one still owns the event: nothing was acknowledged. */
export type DeliveryError = TemporaryDeliveryError | PermanentDeliveryError;

export interface TemporaryDeliveryOptions extends ErrorOptions {
  readonly retryAfterMs?: number | undefined;
  readonly status?: number | undefined;
  readonly unresolved?: boolean;
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
  /** The HTTP status, if there was a response. */
  readonly status: number | undefined;
  /** Whether a host name could not be resolved. */
  readonly unresolved: boolean;

  constructor(reason: string, options: TemporaryDeliveryOptions = {}) {
    super(reason, 'cause' in options ? { cause: options.cause } : {});
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
    this.unresolved = options.unresolved ?? false;
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

/** Refusals of what was sent, and neither of the key nor of the address: RFC 9110. */
const CONTENT = new Set([400, 413, 422]);

/** Whether an event, or the size of a batch, was refused, so that others may be accepted. */
export function isContentRefusal(error: unknown): error is PermanentDeliveryError {
  return error instanceof PermanentDeliveryError && CONTENT.has(error.status);
}
