/** What the dashboard needs besides the styles of all web pages. */
export const DASHBOARD_STYLES = `
:root { --good: #0b7a6f; --bad: #b3261e; --waiting: #8a5a00; --good-soft: #dff3f0; --bad-soft: #fbe4e2; --waiting-soft: #fbeed3; --quiet-soft: #e9ecf1; }
@media (prefers-color-scheme: dark) {
  :root { --good: #4fd0c1; --bad: #ff9d94; --waiting: #f0bd62; --good-soft: #12302d; --bad-soft: #3b1a18; --waiting-soft: #35270d; --quiet-soft: #262c37; }
}
.places ul { display: flex; flex-wrap: wrap; gap: 0.25rem; list-style: none; margin: 0; padding: 0; }
.places a { display: block; padding: 0.25rem 0.625rem; border-radius: 0.375rem; text-decoration: none; color: var(--text); font-size: 0.9375rem; }
.places a:hover { background: var(--page); text-decoration: underline; }
.places a[aria-current] { background: var(--page); font-weight: 600; box-shadow: inset 0 0 0 1px var(--line); }
.state { display: flex; align-items: baseline; gap: 0.625rem; }
.state::before { content: ""; flex: none; width: 0.75rem; height: 0.75rem; border-radius: 50%; background: currentColor; }
.state.good::before { color: var(--good); }
.state.bad::before { color: var(--bad); }
.state.waiting::before { color: var(--waiting); }
.state.quiet::before { color: var(--muted); }
.pill { display: inline-block; padding: 0 0.5rem; border-radius: 1rem; font-size: 0.8125rem; line-height: 1.375rem; white-space: nowrap; background: var(--quiet-soft); color: var(--text); }
.pill.good { background: var(--good-soft); color: var(--good); }
.pill.bad { background: var(--bad-soft); color: var(--bad); }
.pill.waiting { background: var(--waiting-soft); color: var(--waiting); }
.notice.warning { border-inline-start-color: var(--waiting); }
.panel.first { margin: 0 0 1.5rem; }
.cards.three { margin-top: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); }
.card .figure .of { font-size: 1.125rem; color: var(--muted); font-weight: 400; letter-spacing: 0; }
.card .change + .change { margin-top: 0.375rem; }
.details { margin: 0.5rem 0 1.25rem; }
.details div { display: grid; grid-template-columns: minmax(9rem, 1fr) 2fr; gap: 0.125rem 1rem; padding: 0.375rem 0; border-bottom: 1px solid var(--line); }
.details dt { color: var(--muted); font-size: 0.875rem; }
.details dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.command-title { margin: 0.75rem 0 0.25rem; }
.panel > h2 + .command-title { margin-top: 0.5rem; }
.panel h3 { margin: 1rem 0 0.25rem; }
pre.command { white-space: pre-wrap; overflow-wrap: anywhere; margin-bottom: 0; }
/* A line breaks between words, and in a word only if it is longer than the line: never after the hyphens of a flag. */
.word { display: inline-block; max-width: 100%; overflow-wrap: anywhere; }
pre.body { white-space: pre-wrap; overflow-wrap: anywhere; margin-bottom: 0.25rem; }
.id { overflow-wrap: anywhere; font-size: 0.8125rem; }
.unseen-character { color: var(--bad); background: var(--bad-soft); border-radius: 0.1875rem; padding: 0 0.125rem; font-family: ui-monospace, monospace; font-size: 0.85em; }
.sentences { margin: 0; padding-inline-start: 1.125rem; max-width: 60rem; }
.sentences li + li { margin-top: 0.375rem; }
.days { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 0.25rem 1.5rem; }
.days li { display: flex; justify-content: space-between; gap: 0.5rem; font-variant-numeric: tabular-nums; font-size: 0.9375rem; }
#switches tbody th { white-space: normal; overflow-wrap: anywhere; }
.tag.decides { color: var(--accent); }
.panel > .bar:first-child { margin-top: 0; }
.found { color: var(--muted); font-size: 0.875rem; margin: 0 0 0.5rem; }
.scroll.tall { max-height: none; }
.resources th, .resources td { overflow-wrap: anywhere; padding: 0.5rem; }
.resources thead a { color: inherit; text-decoration: none; white-space: nowrap; }
.resources thead a:hover { text-decoration: underline; }
.resources tbody th { white-space: normal; font-weight: 600; min-width: 9rem; }
.nowrap { white-space: nowrap; overflow-wrap: normal; }
.resources .address { min-width: 11rem; }
.resources td:last-child { width: 17rem; min-width: 14rem; }
.resources pre { max-width: 34rem; font-size: 0.75rem; }
.resources .verdict[open] { min-width: 24rem; }
.resources details p { margin: 0.375rem 0 0.5rem; }
summary { cursor: pointer; }
.pager { display: flex; gap: 1.25rem; align-items: baseline; margin-top: 0.75rem; font-size: 0.875rem; }
select { font: inherit; font-size: 0.875rem; color: var(--text); background: var(--panel); border: 1px solid var(--muted); border-radius: 0.375rem; padding: 0.3125rem 0.5rem; min-height: 2rem; }
input[type="search"] { width: min(20rem, calc(100vw - 5rem)); }
input[name="token"] { width: min(30rem, calc(100vw - 5rem)); }
bdi { overflow-wrap: anywhere; }
.live { margin: 0 0 0.25rem; max-width: none; }
footer p { max-width: none; }
@media (max-width: 32rem) {
  .top .wide { flex-wrap: wrap; padding-block: 0.5rem; gap: 0.25rem 1rem; }
  .places { margin-inline: -0.375rem; }
  .places ul { gap: 0.125rem; }
  .places a { padding-inline: 0.375rem; font-size: 0.875rem; }
  .details div { grid-template-columns: 1fr; }
}
@media (max-width: 44rem) {
  .resources, .resources tbody, .resources tr, .resources tbody th, .resources td { display: block; }
  .resources thead tr { display: flex; flex-wrap: wrap; padding: 0.25rem; border-bottom: 1px solid var(--line); }
  .resources thead th { position: static; border: 0; padding: 0.125rem 0.375rem; }
  .resources tbody tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  .resources tbody th, .resources td, .resources td:last-child { border: 0; padding: 0.125rem 0.625rem; width: auto; min-width: 0; }
  .resources td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); }
  .resources td::before { content: attr(data-label); color: var(--muted); }
  .resources .verdict[open], .resources .address { min-width: 0; }
}
@media print { .places, .live { display: none; } }
`;
