import type { MachineView } from '../../dashboard/pages/page-facts.ts';
import type { CommandContext } from '../command.ts';
import { readStanding } from '../machine/standing.ts';

/**
 * Returns a function that reads whether a browser session may be counted on this machine.
 *
 * A notice that was shown by this very run does not count yet: nothing is sent before a later one.
 */
export function dashboardMachine(context: CommandContext): () => MachineView {
  const { time } = context;
  const startedMs = time.now() - time.steady();
  return () => {
    const { on, decidedBy, endpoint, state } = readStanding(context);
    const isNoticeOld = Date.parse(state.noticeAt ?? '') < startedMs;
    return {
      isOn: on && isNoticeOld,
      decidedBy: on && !isNoticeOld ? 'the notice about telemetry was shown just now' : decidedBy,
      endpoint: endpoint && `${endpoint.origin}${endpoint.pathname}`,
    };
  };
}
