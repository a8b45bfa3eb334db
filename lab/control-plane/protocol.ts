/** What a supervisor can be asked to do. */
export type Task =
  | { readonly do: 'start'; readonly name: string; readonly file: string; readonly args: string[] }
  | { readonly do: 'stop'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly do: 'signal'; readonly name: string; readonly signal: NodeJS.Signals };

export interface Request {
  readonly id: number;
  readonly task: Task;
}

/** What a supervisor reports: its folder at start, the response to a request, a program that has ended. */
export type Reply =
  | { readonly folder: string }
  | { readonly id: number; readonly failure?: string }
  | { readonly gone: string };
