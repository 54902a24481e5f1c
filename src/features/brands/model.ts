import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { Resolve } from '../domains/index.ts';

export type Brand = {
  readonly name: string;
  /** `#rrggbb`; null: the installation's. */
  readonly color: string | null;
  /** Where people write who need help. */
  readonly supportAddress: string | null;
  readonly logoHash: string | null;
};

/** What is shown, and whose it is. */
export type ShownBrand = Brand & { readonly source: 'own' | 'account' | 'installation' };

export type LogoType = 'image/png' | 'image/jpeg' | 'image/webp';

export type Logo = { readonly type: LogoType; readonly bytes: Buffer };

export type BrandWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly resolve: Resolve;
  /** LETTERSHOP_MAIL_DOMAIN. */
  readonly mailDomain: string;
  /** Names of the installation, which no tenant can have; in lower case. */
  readonly ownNames: () => readonly string[];
};
