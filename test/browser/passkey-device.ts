/** A device that makes and shows passkeys, as a browser has one built in (WebDriver's virtual authenticators, WebAuthn 11). */
import type { Page } from 'playwright-core';

export type PasskeyDevice = {
  /** The relying parties of the passkeys that it holds. */
  readonly hosts: () => Promise<readonly (string | undefined)[]>;
};

/** It says yes to whatever the page asks. */
export async function addPasskeyDevice(page: Page): Promise<PasskeyDevice> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    hosts: async () => {
      const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.map(({ rpId }) => rpId);
    },
  };
}
