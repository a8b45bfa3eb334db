import type { Scene } from '../scene.ts';
import type { Draw, Step } from '../schedule.ts';

/** Ends a fault. */
export type Mend = () => Promise<void> | void;

/** One kind of fault: what the schedule needs to know of it, and how it is done. */
export interface Fault extends Draw {
  /**
   * Whether it makes what is not yet told be given up: then it waits until all is told, so that little
   * is excluded from the verdict. Other faults may follow before it has ended.
   */
  readonly fromRest?: boolean;
  /** Whether no other fault may begin before it has ended. */
  readonly alone?: boolean;
  /** Begins it. Resolves with what ends it. */
  readonly inject: (scene: Scene, step: Step) => Promise<Mend> | Mend;
}

/** Nothing has to be done to end it. */
export const passes: Mend = () => undefined;
