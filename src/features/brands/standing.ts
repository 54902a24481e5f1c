/**
 * Which hosts are a brand's, asked for by every page of a login and every change of a session: all of them in memory, read
 * anew every two seconds. A change is effective within three on every node.
 */
import type { Db } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { ShownBrand } from './model.ts';
import { defaultBrand, provenHosts } from './sql.ts';
import type { HostRow } from './sql.ts';

/** Whose a host is, and the name that its mails bear. */
export type HostHolder = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly isOfAccount: boolean;
  readonly brandName: string;
};

export class BrandHosts {
  readonly #db: Db;
  #hosts: ReadonlyMap<string, HostRow> = new Map();

  constructor(db: Db) {
    this.#db = db;
  }

  /** The account whose people work at this host; null: the host is no brand's. In lower case, without a port. */
  accountOf(host: string): AccountId | null {
    return this.#hosts.get(host)?.accountId ?? null;
  }

  /** What the login at this host shows. */
  shownAt(host: string): { readonly brand: ShownBrand; readonly isBrandHost: boolean } {
    const brand = this.#hosts.get(host)?.shown ?? null;
    return { brand: brand ?? defaultBrand, isBrandHost: brand !== null };
  }

  /** Null for a host that is no brand's, and for one of a suspended tenant. */
  holderOf(host: string): HostHolder | null {
    const row = this.#hosts.get(host);
    if (row === undefined || row.shown === null) return null;
    const { accountId, subaccountId, isOfAccount, shown } = row;
    return { accountId, subaccountId, isOfAccount, brandName: shown.name };
  }

  /** The proven claim on the host, and when DNS was asked last; null when it is no brand's. */
  provenAt(host: string): Pick<HostRow, 'id' | 'checkedAt'> | null {
    return this.#hosts.get(host) ?? null;
  }

  async refresh(): Promise<void> {
    this.#hosts = new Map((await provenHosts(this.#db)).map((row) => [row.host, row]));
  }
}
