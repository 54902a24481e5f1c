/** How the rows of a long table come into the page: a few in a frame. */

/** More are put into the page in one frame on no jump: a row costs about a millisecond where the machine is slow. */
const rowsAFrame = 8;

export type Range = { readonly first: number; readonly end: number };

/** What is in the page in the next frame: of what is there, what is still wanted, and a few of those that are seen first. */
export function stepTo({ first, end }: Range, seen: Range, wanted: Range): Range {
  const from = Math.max(wanted.first, Math.min(seen.first, wanted.end - 1));
  const isApart = first >= Math.min(Math.max(seen.end, from + 1), wanted.end) || end <= from;
  if (isApart) return { first: from, end: Math.min(from + rowsAFrame, wanted.end) };
  const kept = { first: Math.max(first, wanted.first), end: Math.min(end, wanted.end) };
  if (kept.end < Math.min(seen.end, wanted.end) || kept.first === wanted.first)
    return { first: kept.first, end: Math.min(kept.end + rowsAFrame, wanted.end) };
  return { first: Math.max(kept.first - rowsAFrame, wanted.first), end: kept.end };
}

export const isSame = (one: Range, other: Range): boolean =>
  one.first === other.first && one.end === other.end;
