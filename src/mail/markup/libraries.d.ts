/** Libraries that come without types: as much of them as is used here. */
declare module 'mjml-browser' {
  export default function mjml2html(
    source: string,
    options: { readonly validationLevel: 'soft'; readonly fonts: Readonly<Record<string, string>> },
  ): Promise<{
    readonly html: string;
    readonly errors: readonly { readonly line: number; readonly message: string }[];
  }>;
}

declare module 'html-to-text' {
  type Selector = {
    readonly selector: string;
    readonly format?: string;
    readonly options?: Readonly<Record<string, unknown>>;
  };
  export function convert(
    html: string,
    options: { readonly wordwrap: false; readonly selectors: readonly Selector[] },
  ): string;
}
