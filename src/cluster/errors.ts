/**
 * The limit of the pause that a response may request, in milliseconds. It is the longest backoff too: an
 * opt-out must not wait for longer.
 */
const LONGEST_RETRY_MS = 60_000;

/** The API server responded with an error. */
export class KubeStatusError extends Error {
  override readonly name = 'KubeStatusError';
  /** The HTTP status, or the code of a `Status` inside a watch. */
  readonly status: number;
  /** The pause that the server has requested, in milliseconds, limited to a minute. */
  readonly retryAfterMs: number | undefined;
  /** The oldest resourceVersion from which the server can still be watched, if a 410 names it. */
  readonly oldest: string | undefined;
  /** The `Date` header: when the server sent the response, by its clock. */
  readonly date: string | undefined;
  /** Private, so that no log shows it. */
  readonly #explanation: Explanation;

  constructor(
    status: number,
    options: {
      reason?: string;
      retryAfterMs?: number;
      oldest?: string;
      date?: string;
      explanation?: Explanation;
    } = {},
  ) {
    super(options.reason ? `answered ${status} ${options.reason}` : `answered ${status}`);
    this.status = status;
    this.retryAfterMs = options.retryAfterMs && Math.min(options.retryAfterMs, LONGEST_RETRY_MS);
    this.oldest = options.oldest;
    this.date = options.date;
    this.#explanation = options.explanation ?? NO_EXPLANATION;
  }

  /** What the server wrote for a person. It may contain names, so it never goes into a log. */
  explain(): Explanation {
    return this.#explanation;
  }
}

/** The text of a `Status` object. */
export interface Explanation {
  readonly message: string;
  /** One for each field that is at fault. */
  readonly causes: readonly { readonly field: string; readonly message: string }[];
}

const NO_EXPLANATION: Explanation = { message: '', causes: [] };

/** The API server sent data that its API does not allow. */
export class MalformedResponseError extends Error {
  override readonly name = 'MalformedResponseError';
}

/** One of the operator's own objects is missing, and the operator could not create it. */
export class MissingObjectError extends Error {
  override readonly name = 'MissingObjectError';

  constructor(object: string, options: { readonly cause: unknown }) {
    super(`${object} is missing`, options);
  }
}

/** The credentials of a kubeconfig could not be read: a plugin or a file fails or hangs. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';

  constructor(failure: 'were not read in time' | 'cannot be read', cause: unknown) {
    const code = failure === 'cannot be read' ? codeOf(cause) : undefined;
    const reason = code ? ` (${code})` : '';
    super(
      `the kubeconfig's credentials (exec plugin, token or certificate file) ${failure}${reason}`,
      {
        cause,
      },
    );
  }
}

/** The kubeconfig does not have the context that is named, or no longer. */
export class MissingContextError extends Error {
  override readonly name = 'MissingContextError';

  /** `cause` is what made the kubeconfig be read again. */
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** Returns whether an error is a response with one of these statuses. */
export function hasStatus(
  error: unknown,
  ...statuses: readonly number[]
): error is KubeStatusError {
  return error instanceof KubeStatusError && statuses.includes(error.status);
}

/** Returns whether the connection to the API server failed. */
export function isBrokenConnection(error: unknown): boolean {
  return codeOf(error) !== undefined && !isLoggable(error);
}

/** Returns whether an error is that of a request. Any other is a fault of this program. */
export function isRequestError(error: unknown): boolean {
  return codeOf(error) !== undefined || isLoggable(error);
}

/** Returns whether an error means that no response came in time. */
export function isResponseTimeout(error: unknown): boolean {
  return isTimeout(error) || codeOf(error) === 'UND_ERR_HEADERS_TIMEOUT';
}

/** Returns whether a response that had begun was idle for too long. */
export function isIdleTimeout(error: unknown): boolean {
  return codeOf(error) === 'UND_ERR_BODY_TIMEOUT';
}

/** Returns whether an error means that a deadline has passed. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

/** Errors whose message may be logged. */
const LOGGABLE = [KubeStatusError, MalformedResponseError, MissingObjectError, CredentialsError];

function isLoggable(error: unknown): error is Error {
  return LOGGABLE.some((kind) => error instanceof kind);
}

/** Returns why a call failed, for one log line. Never contains a name, a path or a credential. */
export function reasonOf(error: unknown): string {
  if (isLoggable(error) || error instanceof MissingContextError) return error.message;
  const code = codeOf(error);
  return code ? `connection failed (${code})` : 'connection failed';
}

/** Returns the code of an error or of its cause: `CERT_HAS_EXPIRED`. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'TimeoutError' ? 'no response in time' : codeOf(error.cause);
}
