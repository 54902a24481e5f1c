/**
 * The form in which lists are compared (RFC 2919 2): what stands in the last angle brackets of a List-Id, or all of it
 * where there are none, in lower case. Null when that names no list.
 */
export function listKey(value: string): string | null {
  const [, bracketed = value] = /<([^<>]*)>[^<>]*$/.exec(value) ?? [];
  const id = bracketed.trim().replaceAll(/\s+/g, ' ').toLowerCase();
  return id.length <= 200 && /^[^<>@\p{Cc}\p{Cs}]+$/u.test(id) ? id : null;
}
