/** How many mails to addresses of their choosing tenants may have us send in a day: pure. */

export type AskedCounts = {
  /** To this recipient, by this subaccount. */
  readonly recipient: number;
  readonly subaccount: number;
  readonly account: number;
};

export const askedPerDay = { recipient: 5, subaccount: 50, account: 500 } as const;

/** What forbids one more mail, in words that tell nothing of siblings; null when nothing does. */
export function askedBound(counts: AskedCounts): string | null {
  if (counts.recipient >= askedPerDay.recipient)
    return `This address has got ${askedPerDay.recipient} such mails within a day; try again tomorrow`;
  if (counts.subaccount >= askedPerDay.subaccount || counts.account >= askedPerDay.account)
    return 'Too many mails of this kind were asked for within a day; try again tomorrow';
  return null;
}
