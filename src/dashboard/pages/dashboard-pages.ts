import type { Markup } from '../../web/layout.ts';
import type { PageFacts } from './page-facts.ts';
import { previewPage } from './preview-page.ts';
import { resourcesPage } from './resources-page.ts';
import { sentPage } from './sent-page.ts';
import { statePage, stateTitle } from './state-page.ts';

/** A page of the dashboard. */
export interface DashboardPage {
  readonly path: string;
  readonly title: (facts: PageFacts) => string;
  readonly content: (facts: PageFacts) => Markup;
}

/** Every page, in the order of the navigation. */
export const DASHBOARD_PAGES: readonly DashboardPage[] = [
  { path: '/', title: ({ view }) => stateTitle(view), content: statePage },
  { path: '/resources', title: () => 'Resources', content: resourcesPage },
  { path: '/sent', title: () => 'Sent', content: sentPage },
  { path: '/preview', title: () => 'Could leave', content: previewPage },
];
