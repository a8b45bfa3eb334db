import type { ContentfulStatusCode } from 'hono/utils/http-status';

export interface HttpRefusalOptions {
  readonly status: ContentfulStatusCode;
  /** A stable code for programs, in lower case. */
  readonly code: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * An error response: `{"success": false, "code", "message"}`.
 *
 * The caller sees the message, so it never contains anything from the request.
 */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, { status, code, headers = {}, cause }: HttpRefusalOptions) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Creates the response to a method that a path does not have. */
export function wrongMethod(allowed: string): HttpRefusal {
  return new HttpRefusal(`Use ${allowed}.`, {
    status: 405,
    code: 'wrong_method',
    headers: { Allow: allowed },
  });
}
