/** What the server wrote into index.html: the same for everybody, known before the first call. */
type Facts = {
  /** Path prefix of the installation, without a slash at its end; '' at the root of its host. */
  readonly base: string;
  /** Styles that carry it are let through by the content security policy. */
  readonly nonce: string;
  /** Of a view inside another product, which nobody is logged in to; null: the console itself. */
  readonly embed: EmbedFacts | null;
};

type EmbedFacts = {
  /** Path of its document: pages are below it, and its secret is asked for there. */
  readonly path: string;
  /** Names of pages; the first is shown first. */
  readonly pages: readonly string[];
  readonly theme: 'light' | 'dark' | 'auto';
};

function readFacts(): Facts & { readonly routes: string } {
  const text = document.querySelector('meta[name="lettershop"]')?.getAttribute('content') ?? '{}';
  const told = {
    base: '',
    nonce: '',
    embed: null,
    ...(JSON.parse(text) as Partial<Facts>),
  };
  return { ...told, routes: told.embed?.path ?? told.base };
}

/** `routes`: what stands before the path of a page. */
export const facts = readFacts();
