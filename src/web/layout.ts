import { html } from 'hono/html';

/** HTML in which every inserted text is escaped. */
export type Markup = ReturnType<typeof html>;

export interface LayoutOptions {
  /** The title of the window. */
  readonly title: string;
  /** The name of the program, as a link to its first page. */
  readonly brand: string;
  /** The address of the stylesheet, on the same host. */
  readonly stylesheet: string;
  /** The hash of the stylesheet, with which the browser compares it. */
  readonly stylesheetIntegrity?: string | undefined;
  /** The address of the icon, on the same host. */
  readonly icon: string;
  /** Links and buttons in the header. */
  readonly actions?: Markup | undefined;
  /** The script of the page, as an element that loads it from the same host. */
  readonly script?: Markup | undefined;
  readonly footer: Markup;
}

/**
 * Returns a whole page around its content.
 *
 * The page has no inline script and no inline style, so that a strict Content-Security-Policy fits it.
 */
export function layout(content: Markup, options: LayoutOptions): Markup {
  const { title, brand, icon, actions = html``, script = '', footer } = options;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="${icon}">
${stylesheetLink(options)}${script}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top"><div class="wide"><a class="brand" href="/">${brand}</a>${actions}</div></header>
<main id="content" class="wide" tabindex="-1">
${content}
</main>
<footer class="wide">${footer}</footer>
</body>
</html>
`;
}

function stylesheetLink({
  stylesheet,
  stylesheetIntegrity: integrity,
}: Pick<LayoutOptions, 'stylesheet' | 'stylesheetIntegrity'>): Markup {
  if (integrity === undefined) return html`<link rel="stylesheet" href="${stylesheet}">`;
  return html`<link rel="stylesheet" href="${stylesheet}" integrity="${integrity}">`;
}
