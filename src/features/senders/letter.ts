/** The confirmation mail in a tenant's words: pure, shared with the console. */
import type { Letter } from './model.ts';

export const letterPlaceholders = ['account', 'email', 'name', 'domain', 'note', 'days'] as const;
type Placeholder = (typeof letterPlaceholders)[number];
export type LetterValues = Readonly<Record<Placeholder, string>>;

export const defaultLetter: Letter = {
  subject: 'May {{account}} send mail as {{email}}?',
  body: [
    '{{account}} would like to send mail that shows {{email}} as its sender.',
    '{{note}}',
    'If you agree, press the button and confirm on the page that it opens. The link is good for {{days}} days.',
    'If you do not know what this is about, do nothing: without your word no mail is sent in your name.',
  ].join('\n\n'),
};

const inText = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is wrong with a tenant's own letter: a placeholder that nobody fills. */
export function letterProblem({ subject, body }: Letter): { field: string; message: string } | null {
  for (const [field, text] of [
    ['subject', subject],
    ['body', body],
  ] as const) {
    for (const [, name = ''] of text.matchAll(inText)) {
      if (!letterPlaceholders.some((known) => known === name))
        return {
          field,
          message: `has the unknown placeholder {{${name}}}; there are ${letterPlaceholders.join(', ')}`,
        };
    }
  }
  return null;
}

/** What is written with its values, which are put in once and never read as placeholders themselves. */
export function fillLetter(
  letter: Letter,
  values: LetterValues,
): { readonly subject: string; readonly paragraphs: readonly string[] } {
  const fill = (text: string): string =>
    text.replaceAll(inText, (_all, name: string) => values[name as Placeholder] ?? '');
  return {
    subject: fill(letter.subject)
      .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
      .trim(),
    paragraphs: letter.body
      .split(/\r?\n[ \t]*\r?\n/)
      .map((paragraph) => fill(paragraph).trim())
      .filter((paragraph) => paragraph !== ''),
  };
}

/** What stands on the button with the link. */
export const letterButton = 'Look at the request';
