/**
 * The page that the starter designs share: one column of text, readable without styles and without images, in the colours that
 * the reader's mail program is set to. Contrast is 4.5 to 1 or better in both (WCAG 2.2, 1.4.3); tables that lay out say so.
 */
export type Starter = {
  readonly slug: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly description: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** What its names may stand for, to look at it. */
  readonly example: Readonly<Record<string, unknown>>;
};

const styles = `
  body { margin: 0; padding: 0; background: #f3f4f6; color: #1f2933; -webkit-text-size-adjust: 100%; }
  .sheet { background: #ffffff; border: 1px solid #d9dee4; border-radius: 8px; }
  .cell { padding: 32px; font: 16px/1.55 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; }
  h1 { margin: 0 0 16px; font-size: 24px; line-height: 1.3; }
  h2 { margin: 24px 0 8px; font-size: 18px; line-height: 1.35; }
  p { margin: 0 0 16px; }
  a { color: #1a56b0; }
  .button { display: inline-block; padding: 12px 24px; border-radius: 6px; background: #1a56b0; color: #ffffff; font-weight: 600; text-decoration: none; }
  .quiet { color: #52606d; font-size: 14px; }
  .lines { width: 100%; border-collapse: collapse; margin: 0 0 16px; }
  .lines th, .lines td { padding: 8px 0; border-bottom: 1px solid #d9dee4; text-align: left; vertical-align: top; }
  .lines .amount { text-align: right; white-space: nowrap; }
  @media (prefers-color-scheme: dark) {
    body { background: #14181d !important; color: #e4e7eb !important; }
    .sheet { background: #1f252c !important; border-color: #3a434d !important; }
    .cell { color: #e4e7eb !important; }
    a { color: #8ab8ff !important; }
    .button { background: #8ab8ff !important; color: #10151a !important; }
    .quiet { color: #b0bac5 !important; }
    .lines th, .lines td { border-color: #3a434d !important; }
  }
  @media (max-width: 480px) { .cell { padding: 24px 20px !important; } }`;

/** `preview`: what lists of mails show after the subject. */
export function page(title: string, preview: string, body: string): string {
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${title}</title>
<style>${styles}
</style>
</head>
<body>
<div style="display: none; max-height: 0; overflow: hidden;">${preview}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center" style="padding: 24px 12px;">
<table role="presentation" class="sheet" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width: 600px;">
<tr><td class="cell">
<main>
${body}
</main>
</td></tr>
</table>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width: 600px;">
<tr><td class="cell quiet">
<p class="quiet">{{ company | default: "Your company" }}{% if address %}<br>{{ address }}{% endif %}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

/** A link that looks like a button, and its address for those who cannot follow it. */
export function button(label: string, address: string): string {
  return `<p><a class="button" href="${address}">${label}</a></p>
<p class="quiet">If the button does not work, open this address: <a href="${address}">${address}</a></p>`;
}

export const foot =
  '\n--\n{{ company | default: "Your company" }}{% if address %}\n{{ address }}{% endif %}\n';
