/** As much of mailauth as is used here. */
declare module 'mailauth/lib/mailauth.js' {
  type Row = {
    readonly signingDomain?: string;
    readonly selector?: string;
    readonly status: { readonly result: string; readonly comment?: string };
  };
  export function authenticate(
    message: Buffer,
    options: {
      readonly ip: string;
      readonly helo: string;
      readonly sender: string;
      readonly mta: string;
      readonly disableArc: true;
      readonly disableBimi: true;
      readonly minBitLength: number;
      readonly resolver: (name: string, type: string) => Promise<unknown>;
    },
  ): Promise<{
    readonly dkim: { readonly headerFrom?: readonly string[]; readonly results?: readonly Row[] };
    readonly spf: false | { readonly domain?: string; readonly status: Row['status'] };
    readonly dmarc:
      | false
      | undefined
      | {
          readonly status: Row['status'] & { readonly header?: { readonly from?: string } };
          readonly policy?: string;
        };
  }>;
}
