import { html } from 'hono/html';
import type { Markup } from '../../web/layout.ts';
import { bareFrame } from './page-frame.ts';

/** Returns the page for a browser without the cookie. */
export function tokenPage({ isWrong }: { readonly isWrong: boolean }): Markup {
  const title = isWrong ? 'This address is no longer valid' : 'This page needs its whole address';
  return bareFrame(
    html`<h1>${title}</h1>
<section class="panel">
<p><code>kusk dashboard</code> prints an address with a token, which keeps out the other users of this machine. Each start has
another one. Open the address that is in its terminal now, or paste its token here.</p>
<form method="get" action="/" class="bar">
<div><label for="token">Token</label><input type="text" id="token" name="token" autocomplete="off" spellcheck="false" required></div>
<button class="primary">Open</button>
</form>
<p class="muted small">The token is what stands after <code>token=</code>. If the dashboard has ended: <code>kusk dashboard</code> starts it.</p>
</section>`,
    { title },
  );
}

/** Returns the page for a browser that comes from another site, whose cookie it can't send yet. */
export function welcomePage(): Markup {
  return bareFrame(
    html`<h1>The dashboard is open</h1><section class="panel"><p><a href="/">Go to it</a></p></section>`,
    {
      title: 'The dashboard is open',
    },
  );
}

/** Returns the page for a request that another site may have caused. */
export function elsewherePage(): Markup {
  return bareFrame(
    html`<h1>This link comes from another site</h1>
<section class="panel"><p>So that no other site can read the dashboard, it opens from its own pages and from the address bar only.</p>
<p><a href="/">Open the dashboard</a></p></section>`,
    { title: 'Another site' },
  );
}

/** Returns the page for an address that there is not. */
export function nothingPage(): Markup {
  return bareFrame(
    html`<h1>There is no such page</h1><section class="panel"><p><a href="/">The dashboard</a></p></section>`,
    {
      title: 'No such page',
    },
  );
}

/** Returns the page after a failure of this program. */
export function failurePage(): Markup {
  return bareFrame(
    html`<h1>The dashboard failed</h1><section class="panel"><p>Its terminal says why. <a href="/">Try again</a></p></section>`,
    {
      title: 'Failure',
    },
  );
}
