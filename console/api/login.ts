/** The calls of the login, which are not of the API: they make a session and need none. See src/http/login-door.ts. */
import { send } from './client.ts';

async function post<T = unknown>(path: string, body: object = {}): Promise<T> {
  return (await send(`/api/auth${path}`, { method: 'POST', body })) as T;
}

/** Of the host in the address, for whoever has not logged in. */
export type HostBrand = {
  readonly name: string;
  readonly color: string | null;
  readonly supportAddress: string | null;
  readonly logo: string | null;
  readonly isBrandHost: boolean;
  /** People may log in there by an OpenID provider. */
  readonly hasProvider: boolean;
};
export const readBrand = async (): Promise<HostBrand> =>
  (await send('/api/brand', { method: 'GET' })) as HostBrand;

export async function logIn(email: string, password: string): Promise<'done' | 'second factor'> {
  const answer = await post<{ twoFactorRedirect?: boolean }>('/sign-in/email', { email, password });
  return answer.twoFactorRedirect === true ? 'second factor' : 'done';
}

/** Six digits are of the authenticator; anything else is a backup code. */
export async function giveCode(code: string): Promise<void> {
  const isTotp = /^\d{6}$/.test(code);
  await post(isTotp ? '/two-factor/verify-totp' : '/two-factor/verify-backup-code', { code });
}

export const logInByLink = (token: string): Promise<unknown> => post('/login-link', { token });
export const logOut = (): Promise<unknown> => post('/sign-out');
export const askReset = (email: string): Promise<unknown> => post('/request-password-reset', { email });
export const resetPassword = (token: string, newPassword: string): Promise<unknown> =>
  post('/reset-password', { token, newPassword });

export type Offer = { readonly email: string; readonly accountName: string; readonly needsPassword: boolean };
export const readInvitation = (token: string): Promise<Offer> => post('/invitation/read', { token });
export const acceptInvitation = (token: string, name: string, password: string): Promise<unknown> =>
  post('/invitation/accept', { token, name, password });

/** For somebody who came by a link and has none yet. */
export const setPassword = (newPassword: string): Promise<unknown> => post('/set-password', { newPassword });
export const changePassword = (currentPassword: string, newPassword: string): Promise<unknown> =>
  post('/change-password', { currentPassword, newPassword, revokeOtherSessions: true });

export type Enrolment = { readonly totpURI: string; readonly backupCodes: readonly string[] };
export const enableSecondFactor = (password: string): Promise<Enrolment> =>
  post('/two-factor/enable', { password });
export const disableSecondFactor = (password: string): Promise<unknown> =>
  post('/two-factor/disable', { password });

export type Passkey = {
  readonly id: string;
  readonly name: string | null;
  readonly createdAt: string;
  /** Where it logs in. */
  readonly host: string;
  readonly isHere: boolean;
};
/** At a brand's host only those of it are listed. */
export type Passkeys = {
  readonly host: string;
  readonly isBrandHost: boolean;
  readonly items: readonly Passkey[];
};
export const listPasskeys = async (): Promise<Passkeys> =>
  (await send('/api/auth/passkey/list', { method: 'GET' })) as Passkeys;
export const deletePasskey = (id: string): Promise<unknown> => post('/passkey/delete-passkey', { id });

/** The browser's own dialogue; throws when the person closes it. */
export async function logInByPasskey(): Promise<void> {
  const options = (await send('/api/auth/passkey/generate-authenticate-options', {
    method: 'GET',
  })) as PublicKeyCredentialRequestOptionsJSON;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
  if (credential === null) throw new Error('No passkey was chosen.');
  await post('/passkey/verify-authentication', { response: credential.toJSON() });
}

export async function addPasskey(name: string): Promise<void> {
  const options = (await send('/api/auth/passkey/generate-register-options', {
    method: 'GET',
  })) as PublicKeyCredentialCreationOptionsJSON;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null;
  if (credential === null) throw new Error('No passkey was made.');
  await post('/passkey/verify-registration', { response: credential.toJSON(), name });
}
