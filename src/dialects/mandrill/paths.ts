/** Forms of a path (contract, section 1): every version of it is the same, `.json` may stand behind it. */
const form = /^\/api\/1\.\d+\/([a-z0-9-]+\/[a-z0-9-]+)(?:\.([a-z]+))?\/?$/;

/** `users/ping` and the suffix, empty when there is none; null for what is no call. */
export function pathForm(path: string): { readonly call: string; readonly suffix: string } | null {
  const found = form.exec(path);
  return found?.[1] === undefined ? null : { call: found[1], suffix: found[2] ?? '' };
}

export const suffixes = ['', '.json'] as const;

export function pathOf(call: string, suffix: (typeof suffixes)[number]): string {
  return `/api/:version/${call}${suffix}`;
}

export function isVersion(text: string | undefined): boolean {
  return text !== undefined && /^1\.\d+$/.test(text);
}
