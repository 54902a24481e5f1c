/** What the server wrote into index.html: the same for everybody, known before the first call. */
type Facts = {
  /** Path prefix of the installation, without a slash at its end; '' at the root of its host. */
  readonly base: string;
  /** Styles that carry it are let through by the content security policy. */
  readonly nonce: string;
  /** People may log in by an OpenID provider. */
  readonly hasProvider: boolean;
};

function readFacts(): Facts {
  const text = document.querySelector('meta[name="lettershop"]')?.getAttribute('content') ?? '{}';
  return { base: '', nonce: '', hasProvider: false, ...(JSON.parse(text) as Partial<Facts>) };
}

export const facts = readFacts();
