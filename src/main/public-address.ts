import type { Config } from '../base/config.ts';

export type PublicAddress = {
  /** How the outside reaches us, without a slash at its end; right once the doors are open. */
  readonly publicUrl: () => string;
  /** Tells the port, as soon as it is known. */
  readonly onPort: (port: number) => void;
};

export function publicAddress(config: Config): PublicAddress {
  let port = config.LETTERSHOP_HTTP_PORT;
  return {
    publicUrl: () => config.LETTERSHOP_PUBLIC_URL?.replace(/\/+$/, '') ?? `http://localhost:${port}`,
    onPort: (known) => {
      port = known;
    },
  };
}
