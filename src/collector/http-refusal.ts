import type { ContentfulStatusCode } from 'hono/utils/http-status';

export interface HttpRefusalOptions {
  readonly status: ContentfulStatusCode;
  /** For programs: stable, lower case. */
  readonly code: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * A request that is answered with an error, as `{"success": false, "code", "message"}`.
 *
 * The message goes to whoever asked: it never holds anything of the request.
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

export function wrongMethod(allowed: string): HttpRefusal {
  return new HttpRefusal(`Use ${allowed}.`, {
    status: 405,
    code: 'wrong_method',
    headers: { Allow: allowed },
  });
}
