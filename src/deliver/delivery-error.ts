/** A failed delivery. The event was not acknowledged, so the caller keeps it. */
export type DeliveryError = TemporaryDeliveryError | PermanentDeliveryError;

export interface TemporaryDeliveryOptions extends ErrorOptions {
  readonly retryAfterMs?: number | undefined;
  readonly status?: number | undefined;
  readonly unresolved?: boolean;
}

/**
 * A failure that a retry can fix: no connection, no response, or a response that means "later".
 *
 * The message is a short reason for one line of a log. It contains neither the write key nor any part
 * of the address.
 */
export class TemporaryDeliveryError extends Error {
  override readonly name = 'TemporaryDeliveryError';
  /** The delay that the endpoint requested before a retry, in milliseconds. */
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

/** A refusal that a retry can't fix. The message follows the rules of a temporary one. */
export class PermanentDeliveryError extends Error {
  override readonly name = 'PermanentDeliveryError';
  /** The HTTP status. An event that is refused before it leaves has 400 or 413. */
  readonly status: number;

  constructor(reason: string, { status, ...options }: PermanentDeliveryOptions) {
    super(reason, options);
    this.status = status;
  }
}

export function isDeliveryError(error: unknown): error is DeliveryError {
  return error instanceof TemporaryDeliveryError || error instanceof PermanentDeliveryError;
}

/** Statuses that refuse the content, not the key or the address: RFC 9110. */
const CONTENT = new Set([400, 413, 422]);

/** Returns whether an event or a batch's size was refused, so that others may still be accepted. */
export function isContentRefusal(error: unknown): error is PermanentDeliveryError {
  return error instanceof PermanentDeliveryError && CONTENT.has(error.status);
}
