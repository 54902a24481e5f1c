/**
 * What is looked at: an account and, if chosen, one of its subaccounts. It stands in the address (`?account=1001&
 * subaccount=1003`), so a link means the same for whoever opens it and two windows can differ.
 */

export type Search = Readonly<Record<string, string | number | boolean | undefined>>;

/** Which account and which of its subaccounts is looked at; null: as the session has it, or all of it. */
export type Lens = {
  readonly account: number | null;
  readonly subaccount: number | null;
  /** Of a list: ids to read from, or with a minus before each those to leave out. */
  readonly some?: string;
};

/** An id of the address; null for what is none. */
export function idOf(value: unknown): number | null {
  const id = Number(value);
  return Number.isInteger(id) && id > 0 && id < 2 ** 31 ? id : null;
}

export function lensOf(search: Search): Lens {
  return { account: idOf(search['account']), subaccount: idOf(search['subaccount']) };
}

export function lensHeaders({ account, subaccount, some }: Lens): Record<string, string> {
  return {
    ...(account === null ? {} : { 'lettershop-account': String(account) }),
    ...(subaccount === null ? {} : { 'lettershop-subaccount': String(subaccount) }),
    ...(some === undefined ? {} : { 'lettershop-subaccounts': some }),
  };
}
