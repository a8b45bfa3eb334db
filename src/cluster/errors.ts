/** No response may ask to wait for longer. Milliseconds. */
const LONGEST_RETRY_MS = 3_600_000;

/** The API server answered, and did not do what was asked. */
export class KubeStatusError extends Error {
  override readonly name = 'KubeStatusError';
  /** The HTTP status, or the code of a `Status` inside a watch. */
  readonly status: number;
  /** How long the server asks to wait, in milliseconds: an hour at most, whatever it asks. */
  readonly retryAfterMs: number | undefined;
  /** Of a 410: the oldest moment from which the server can still be watched, if it names one. */
  readonly oldest: string | undefined;

  constructor(
    status: number,
    options: { reason?: string; retryAfterMs?: number; oldest?: string } = {},
  ) {
    super(options.reason ? `answered ${status} ${options.reason}` : `answered ${status}`);
    this.status = status;
    this.retryAfterMs = options.retryAfterMs && Math.min(options.retryAfterMs, LONGEST_RETRY_MS);
    this.oldest = options.oldest;
  }
}

/** What the API server sent is not what its API promises. */
export class MalformedResponseError extends Error {
  override readonly name = 'MalformedResponseError';
}

/** One of the operator's own objects is not there, and the operator could not create it. */
export class MissingObjectError extends Error {
  override readonly name = 'MissingObjectError';

  constructor(object: string, options: { readonly cause: unknown }) {
    super(`${object} is missing`, options);
  }
}

/** The credentials that a kubeconfig names could not be had: a plugin fails or hangs, or a file. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';

  constructor(what: 'did not come in time' | 'cannot be had', cause: unknown) {
    const code = what === 'cannot be had' ? codeOf(cause) : undefined;
    const reason = code ? ` (${code})` : '';
    super(
      `the kubeconfig's credentials (exec plugin, token or certificate file) ${what}${reason}`,
      {
        cause,
      },
    );
  }
}

/** Whether an error is an answer with one of these statuses. */
export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof KubeStatusError && statuses.includes(error.status);
}

/** Whether an error is that the connection to the API server failed. */
export function isBrokenConnection(error: unknown): boolean {
  return codeOf(error) !== undefined && !LOGGABLE.some((kind) => error instanceof kind);
}

/** Whether an error is that no answer came in time. */
export function isResponseTimeout(error: unknown): boolean {
  return isTimeout(error) || codeOf(error) === 'UND_ERR_HEADERS_TIMEOUT';
}

/** Whether a response that had begun was silent for longer than it may. */
export function isIdleTimeout(error: unknown): boolean {
  return codeOf(error) === 'UND_ERR_BODY_TIMEOUT';
}

/** Whether an error is that a deadline has passed. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

/** Errors whose message is made for the log. */
const LOGGABLE = [KubeStatusError, MalformedResponseError, MissingObjectError, CredentialsError];

/** A few words on why a call failed, for one line of log. Never a name, a path or a credential. */
export function reasonOf(error: unknown): string {
  if (LOGGABLE.some((kind) => error instanceof kind)) return (error as Error).message;
  const code = codeOf(error);
  return code ? `connection failed (${code})` : 'connection failed';
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'TimeoutError' ? 'no response in time' : codeOf(error.cause);
}
