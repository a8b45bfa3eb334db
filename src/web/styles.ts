/**
 * The stylesheet of the web pages: light and dark, print, from 320 pixels on.
 *
 * Colors have a contrast of at least 4.5 to 1 for text and 3 to 1 for what is drawn.
 */
export const STYLES = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --panel: #ffffff; --line: #dde1e7; --grid: #e8ebef;
  --text: #1a1f29; --muted: #566070; --accent: #2556c4; --on-accent: #ffffff;
  --series-1: #3b6fd8; --series-2: #0d8f83; --series-3: #b4640e;
  --space: 1rem; --radius: 0.625rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151b; --panel: #1a1e26; --line: #303744; --grid: #272d38;
    --text: #e6e9ef; --muted: #a2acbb; --accent: #8fb2ff; --on-accent: #10141b;
    --series-1: #6f9bf5; --series-2: #35b8a9; --series-3: #e59a45;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
.wide { max-width: 76rem; margin-inline: auto; padding-inline: clamp(1rem, 3vw, 2rem); }
main { padding-block: 1.75rem 1rem; outline: none; }
h1, h2, h3 { line-height: 1.25; margin: 0; text-wrap: balance; }
h1 { font-size: 1.75rem; letter-spacing: -0.015em; }
h2 { font-size: 1.125rem; }
h3 { font-size: 1rem; }
p { margin: 0 0 0.75rem; max-width: 46rem; }
h1 + p { margin-top: 0.25rem; max-width: none; }
a { color: var(--accent); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code, pre { font: 0.875rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre {
  margin: 0 0 1rem; padding: 0.75rem 1rem; overflow-x: auto; background: var(--page);
  border: 1px solid var(--line); border-radius: 0.375rem;
}
.muted { color: var(--muted); }
.small { font-size: 0.875rem; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--panel); padding: 0.25rem 0.5rem; }

.top { background: var(--panel); border-bottom: 1px solid var(--line); }
.top .wide {
  display: flex; align-items: center; justify-content: space-between; gap: 1rem; min-height: 3.5rem;
}
.brand { color: var(--text); font-weight: 650; text-decoration: none; }
.top a, .top form { white-space: nowrap; }
.top .brand { white-space: normal; }
.brand:hover { text-decoration: underline; }
footer { color: var(--muted); font-size: 0.875rem; padding-block: 1rem 3rem; }

.lead { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.5rem 2rem; align-items: end; }
.lead p { margin: 0.25rem 0 0; }
.crumb { display: inline-block; margin-bottom: 0.5rem; font-size: 0.875rem; }
.bar { display: flex; flex-wrap: wrap; align-items: end; gap: 0.75rem 1.5rem; margin-block: 1.25rem; }
.bar form { display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem; }
.choice { display: flex; flex-wrap: wrap; gap: 0.25rem; list-style: none; margin: 0; padding: 0; }
.choice a {
  display: block; padding: 0.3125rem 0.75rem; border: 1px solid var(--line); border-radius: 0.375rem;
  background: var(--panel); color: var(--text); text-decoration: none; font-size: 0.875rem;
}
.choice a:hover { border-color: var(--accent); }
.choice a[aria-current] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
label { display: block; font-size: 0.8125rem; color: var(--muted); }
input, button {
  font: inherit; font-size: 0.875rem; color: var(--text); background: var(--panel);
  border: 1px solid var(--line); border-radius: 0.375rem; padding: 0.3125rem 0.625rem; min-height: 2rem;
}
input { border-color: var(--muted); max-width: 100%; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }

.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); gap: var(--space); }
.card, .panel {
  background: var(--panel); border: 1px solid var(--line); border-radius: var(--radius); padding: 1rem 1.125rem;
  min-width: 0;
}
.panel { margin-top: var(--space); padding: 1.25rem; }
.card { display: flex; flex-direction: column; }
.card h2 { font-size: 0.9375rem; font-weight: 600; }
.card h2 a { color: inherit; text-decoration: none; }
.card h2 a:hover { text-decoration: underline; }
.card .chart { margin-top: auto; padding-top: 0.75rem; }
.figure { font-size: 2rem; font-weight: 650; line-height: 1.2; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; margin: 0.375rem 0 0; }
.figure.quiet { font-size: 1.375rem; line-height: 1.75; color: var(--muted); }
.change { color: var(--muted); font-size: 0.875rem; margin: 0.125rem 0 0; }
.panel > h2 + * { margin-top: 0.5rem; }
.panel > :last-child { margin-bottom: 0; }
.panel > .chart { margin-top: 1rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 var(--space); align-items: start; }
.pair > * { min-width: 0; }
.facts { display: grid; grid-template-columns: 1fr auto; gap: 0.125rem 1rem; margin: 0.5rem 0 0; }
.facts dt { color: var(--muted); font-size: 0.875rem; }
.facts + .change { margin-top: 0.5rem; }
.facts dd { margin: 0; text-align: end; font-weight: 600; font-variant-numeric: tabular-nums; }
.events dt { font-weight: 600; margin-top: 0.75rem; }
.events dd { margin: 0.125rem 0 0; max-width: 46rem; }
.files { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; font-size: 0.875rem; margin: 0.75rem 0 0; }
.notice { border-inline-start: 4px solid var(--accent); }

.chart { display: grid; grid-template-columns: 2.75rem minmax(0, 1fr); margin: 0; }
.chart .axis { display: block; overflow: visible; }
.axis text { fill: var(--muted); font-size: 11px; text-anchor: end; font-variant-numeric: tabular-nums; }
.plot { display: block; width: 100%; overflow: visible; }
.chart.large .plot { height: 256px; }
.chart.small .plot { height: 80px; }
.plot line { vector-effect: non-scaling-stroke; stroke: var(--grid); stroke-width: 1; }
.plot .base { stroke: var(--muted); }
.series-1 { fill: var(--series-1); stroke: var(--series-1); }
.series-2 { fill: var(--series-2); stroke: var(--series-2); }
.series-3 { fill: var(--series-3); stroke: var(--series-3); }
.plot rect { stroke-width: 0; vector-effect: non-scaling-stroke; }
.plot rect.partial { fill-opacity: 0.35; stroke-width: 1.25; stroke-dasharray: 3 2; }
.plot rect:hover { fill-opacity: 0.75; }
.marks { grid-column: 2; display: flex; justify-content: space-between; gap: 0.5rem; color: var(--muted); font-size: 0.75rem; white-space: nowrap; }
.legend { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; margin: 0.75rem 0 0; padding: 0; font-size: 0.875rem; }
.swatch { display: inline-block; width: 0.75rem; height: 0.75rem; border-radius: 2px; margin-inline-end: 0.4rem; }
.swatch-1 { background: var(--series-1); }
.swatch-2 { background: var(--series-2); }
.swatch-3 { background: var(--series-3); }

.scroll { overflow: auto; max-height: 26rem; border: 1px solid var(--line); border-radius: 0.375rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.375rem 0.5rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: baseline; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { position: sticky; top: 0; background: var(--panel); color: var(--muted); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 400; white-space: nowrap; }
.number { text-align: end; }
td.number { white-space: nowrap; }
.tag { display: block; color: var(--muted); font-size: 0.75rem; }

@media (max-width: 32rem) {
  .marks span:nth-child(2):nth-last-child(2) { display: none; }
}
@media (forced-colors: active) {
  .plot rect, .swatch { forced-color-adjust: none; }
}
@media print {
  :root { --page: #ffffff; --panel: #ffffff; --line: #c4c9d1; --text: #000000; --muted: #444b57; --accent: #000000;
    --grid: #e8ebef; --series-1: #3b6fd8; --series-2: #0d8f83; --series-3: #b4640e; }
  .panel { padding: 0.75rem; }
  table { font-size: 6.5pt; }
  th, td { padding: 0.125rem 0.25rem; }
  thead th, tbody th { position: static; }
  .tag { font-size: inherit; }
  body { font-size: 10pt; }
  .bar, .skip, .files, .top form { display: none; }
  .scroll { max-height: none; overflow: visible; border: 0; }
  .card, .panel { break-inside: avoid; }
  .panel:has(table) { break-inside: auto; }
  * { print-color-adjust: exact; }
}
`;
