/** The official SDK, pointed at a running world; its answers are the provider's or its errors. */
import make from '@mailchimp/mailchimp_transactional';
import type { Method } from '@mailchimp/mailchimp_transactional';
import { testKey } from '../world.ts';
import type { World } from '../world.ts';

type Namespace = Readonly<Record<string, Method>>;
type Told = { readonly code: number; readonly name: string; readonly message: string };

export class Sdk {
  readonly #client: ReturnType<typeof make>;

  constructor(world: World, secret: string = testKey.secret, version = '1.3') {
    this.#client = make(secret);
    this.#client.basePath = `${world.url}/mandrill/api/${version}`;
  }

  /** `subaccounts.add`; throws what the SDK resolves an error with. */
  async call<T>(name: string, body: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const [namespace = '', method = ''] = name.split('.');
    const calls = this.#client[namespace] as Namespace | undefined;
    if (calls?.[method] === undefined) throw new Error(`the SDK has no ${name}`);
    const answer = await calls[method](body);
    if (answer instanceof Error) throw answer;
    return answer as T;
  }

  /** Status, code, name and message of an error. */
  async refused(name: string, body: Readonly<Record<string, unknown>> = {}): Promise<readonly unknown[]> {
    try {
      return ['succeeded', await this.call(name, body)];
    } catch (error) {
      const { response } = error as { response?: { status: number; data: Told } };
      if (response === undefined) throw error;
      return [response.status, response.data.code, response.data.name, response.data.message];
    }
  }
}
