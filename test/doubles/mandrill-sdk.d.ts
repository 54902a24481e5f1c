declare module '@mailchimp/mailchimp_transactional' {
  type Method = (body?: Readonly<Record<string, unknown>>) => Promise<unknown>;
  type Client = { basePath: string } & Readonly<Record<string, unknown>>;
  const make: (key: string) => Client;
  export default make;
  export type { Method };
}
