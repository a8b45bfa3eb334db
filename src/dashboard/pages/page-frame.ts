import { html } from 'hono/html';
import { layout, type Markup } from '../../web/layout.ts';
import type { ConnectionView, DashboardView } from '../model/view.ts';
import { momentText } from './moments.ts';
import type { PageFacts } from './page-facts.ts';
import {
  ICON_PATH,
  SCRIPT_INTEGRITY,
  SCRIPT_PATH,
  STYLESHEET_INTEGRITY,
  STYLESHEET_PATH,
} from './page-files.ts';
import { visible } from './visible-text.ts';

export interface PageFrameOptions {
  readonly title: string;
  /** The path of the page, to mark it in the navigation. */
  readonly path: string;
  readonly facts: Pick<PageFacts, 'view' | 'revision'>;
}

const BRAND = 'Kusk dashboard';
const PLACES = [
  { path: '/', title: 'Telemetry' },
  { path: '/resources', title: 'Resources' },
  { path: '/sent', title: 'Sent' },
  { path: '/preview', title: 'Could leave' },
] as const;

/** Returns a whole page that brings itself up to date. */
export function pageFrame(content: Markup, { title, path, facts }: PageFrameOptions): Markup {
  const { view, revision } = facts;
  return layout(html`${connectionNotice(view)}${content}`, {
    title: `${title} · ${BRAND}`,
    brand: BRAND,
    stylesheet: STYLESHEET_PATH,
    stylesheetIntegrity: STYLESHEET_INTEGRITY,
    icon: ICON_PATH,
    actions: navigation(path),
    script: html`<script src="${SCRIPT_PATH}" integrity="${SCRIPT_INTEGRITY}" data-revision="${revision}" defer></script>`,
    footer: html`<p id="live" class="live" role="status"><noscript>Reload the page to see what has changed.</noscript></p>
<p id="source">${sourceText(view)}</p>`,
  });
}

/** Returns a page without anything of a cluster, for people who may not see it. */
export function bareFrame(content: Markup, { title }: { readonly title: string }): Markup {
  return layout(content, {
    title: `${title} · ${BRAND}`,
    brand: BRAND,
    stylesheet: STYLESHEET_PATH,
    stylesheetIntegrity: STYLESHEET_INTEGRITY,
    icon: ICON_PATH,
    footer: html`Served by <code>kusk dashboard</code> on this machine.`,
  });
}

function navigation(current: string): Markup {
  return html`<nav class="places" aria-label="Dashboard"><ul>
${PLACES.map(({ path, title }) => html`<li><a href="${path}"${path === current ? html` aria-current="page"` : ''}>${title}</a></li>\n`)}</ul></nav>`;
}

function sourceText({ cluster, asOf }: DashboardView): Markup {
  const { context, server, namespace } = cluster;
  const as = asOf === undefined ? '' : html` As of ${momentText(Date.parse(asOf))}.`;
  return html`${context === '' ? '' : html`Context ${visible(context)}, `}${visible(server)}, operator in namespace ${visible(namespace)}. Read with your own rights; nothing is installed for this page.${as}`;
}

const TITLES: Readonly<Record<Exclude<ConnectionView['state'], 'connected'>, string>> = {
  connecting: 'Connecting to the cluster',
  partial: 'The cluster cannot be read in full',
  away: 'The cluster is away',
  denied: 'The cluster refuses your credentials',
};

function connectionNotice({ connection, asOf }: DashboardView): Markup {
  const { state, since, problem, advice } = connection;
  if (state === 'connected') return html``;
  const age =
    asOf === undefined
      ? 'Nothing is known of it yet.'
      : `What this page shows is as of ${momentText(Date.parse(asOf))}.`;
  return html`<section class="panel notice warning first" id="connection" role="status"><h2>${TITLES[state]}</h2>
<p>Since ${momentText(Date.parse(since))}${problem === undefined ? '' : html`: ${visible(problem)}`}. ${age}</p>
${advice === undefined ? '' : html`<p>${visible(advice)}</p>`}
</section>
`;
}
