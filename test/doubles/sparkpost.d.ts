/** As much of the official SDK as the tests use: it has no types of its own. */
declare module 'sparkpost' {
  type Body = Readonly<Record<string, unknown>>;
  type Reply = Promise<{
    readonly results: never;
    readonly errors?: readonly Body[];
    readonly total_count?: number;
    readonly links?: never;
  }>;
  export default class SparkPost {
    constructor(
      key: string,
      options: { readonly origin: string; readonly headers?: Readonly<Record<string, unknown>> },
    );
    /** Of what the SDK has no method for: a path below /api/v1. */
    get(options: { readonly uri: string; readonly qs?: Body }): Reply;
    readonly events: { searchMessage(query: Body): Reply };
    readonly messageEvents: { search(query: Body): Reply };
    readonly inboundDomains: Crud;
    readonly relayWebhooks: Crud;
    readonly recipientLists: Crud & {
      get(id: string, options?: Body): Reply;
      update(id: string, body: Body): Reply;
    };
    readonly sendingDomains: Crud & {
      update(domain: string, body: Body): Reply;
      verify(domain: string, body: Body): Reply;
    };
    readonly subaccounts: Crud & { update(id: string, body: Body): Reply };
    readonly suppressionList: {
      list(query?: Body): Reply;
      get(email: string): Reply;
      upsert(entries: Body | readonly Body[]): Reply;
      delete(email: string): Reply;
    };
    readonly templates: Crud & {
      get(id: string, options?: Body): Reply;
      update(id: string, body: Body, options?: Body): Reply;
      preview(id: string, options?: Body): Reply;
    };
    readonly transmissions: {
      list(query?: Body): Reply;
      get(id: string): Reply;
      send(body: Body, options?: Body): Reply;
    };
    readonly webhooks: Crud & {
      get(id: string, options?: Body): Reply;
      update(id: string, body: Body): Reply;
      validate(id: string, options: Body): Reply;
      getBatchStatus(id: string, options?: Body): Reply;
      getDocumentation(): Reply;
      getSamples(options?: Body): Reply;
    };
  }
  type Crud = {
    list(query?: Body): Reply;
    get(id: string): Reply;
    create(body: Body): Reply;
    delete(id: string): Reply;
  };
}
