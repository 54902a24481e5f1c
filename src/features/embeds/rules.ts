/** What a view may be given: pure, shared with the console. */
import { accountOnlyGrants } from '../../base/scope.ts';
import type { Grant } from '../../base/scope.ts';
import { defaultPages, embedPages, neverEmbedded } from './model.ts';
import type { EmbedPage } from './model.ts';

export type EmbedProblem = { readonly field: string; readonly rule: string; readonly message: string };

const loopback = /^http:\/\/(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3})(?::\d{1,5})?$/;
const secure =
  /^https:\/\/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/;

/**
 * Whether it is one origin as a browser writes it: https, or http on loopback; no path, no wildcard, no port that goes
 * without saying. It is put into a policy as it stands, so nothing else may be in it.
 */
export function isFrameAncestor(text: string): boolean {
  return (
    text.length <= 300 &&
    (secure.test(text) || loopback.test(text)) &&
    URL.canParse(text) &&
    new URL(text).origin === text
  );
}

export type Wish = {
  /** Null: what is usual, as far as the grants go. */
  readonly pages: readonly EmbedPage[] | null;
  /** Null: what the pages need to be read. */
  readonly grants: readonly Grant[] | null;
};

/** Pages and grants of a view that is made by who holds `held`; else what is wrong with the wish. */
export function partOf(
  held: ReadonlySet<Grant>,
  wish: Wish,
): EmbedProblem | { readonly pages: readonly EmbedPage[]; readonly grants: readonly Grant[] } {
  const possible = (grant: Grant): boolean =>
    wish.grants === null ? held.has(grant) : wish.grants.includes(grant);
  const open = (page: EmbedPage): boolean => {
    const needed = embedPages[page];
    return needed === null || possible(needed);
  };
  const pages = [...new Set(wish.pages ?? defaultPages.filter(open))];
  const shut = pages.findIndex((page) => !open(page));
  if (shut !== -1) {
    const page = pages[shut] as EmbedPage;
    const message = `"${page}" needs the grant ${embedPages[page]}, which ${wish.grants === null ? 'the caller does not hold' : 'is not among the grants'}`;
    return { field: `pages[${shut}]`, rule: 'grant', message };
  }
  const grants = [...new Set(wish.grants ?? pages.flatMap((page) => embedPages[page] ?? []))];
  return grantProblem(held, grants) ?? { pages, grants };
}

function grantProblem(held: ReadonlySet<Grant>, grants: readonly Grant[]): EmbedProblem | null {
  for (const [index, grant] of grants.entries()) {
    const field = `grants[${index}]`;
    if (neverEmbedded.has(grant) || accountOnlyGrants.has(grant))
      return { field, rule: 'never', message: `"${grant}" is never given to a view` };
    if (!held.has(grant))
      return { field, rule: 'held', message: `"${grant}" is not held by the credential that gives it` };
  }
  return null;
}
