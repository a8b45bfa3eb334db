/** Returns the message of whatever was thrown. It can hold names and paths: `reasonOf` is for logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
