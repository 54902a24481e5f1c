import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Frame, FrameLocator, Page } from 'playwright-core';
import { auditOf } from '../axe.ts';
import { pageTest } from '../ground.ts';
import type { Ground } from '../ground.ts';

type Made = { readonly id: string; readonly url: string };

/** Somebody else's product on an origin of its own: one page, whose frame the test fills in. */
class Parent implements AsyncDisposable {
  readonly #server;
  #frame = '';

  private constructor() {
    this.#server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<!doctype html><title>Product</title><h1>Product</h1>${this.#frame}`);
    });
  }

  static async start(): Promise<Parent> {
    const parent = new Parent();
    await new Promise<void>((resolve) => parent.#server.listen(0, '127.0.0.1', resolve));
    return parent;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async show(context: BrowserContext, html: string): Promise<Page> {
    this.#frame = html;
    const page = await context.newPage();
    await page.goto(this.origin);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const sandbox = 'allow-scripts allow-same-origin allow-forms allow-downloads';
const framing = (url: string): string =>
  `<iframe src="${url}" title="Mail" sandbox="${sandbox}" style="width:100%;height:700px"></iframe>`;

function make(it: Ground, body: Readonly<Record<string, unknown>>): Promise<Made> {
  return it.boss.ok('POST', '/embeds', { body: { subaccount: String(it.subaccountId), ...body } });
}

const frameOf = (page: Page): FrameLocator => page.frameLocator('iframe[title="Mail"]');

/** Whether the frame shows what it was given; Chromium puts a page of its own in the place of one that it refused. */
async function isShownIn(frame: Frame | undefined): Promise<boolean> {
  assert.ok(frame !== undefined, 'there is a frame');
  const where = async (): Promise<string> => String(await frame.evaluate('location.href').catch(() => ''));
  let href = await where();
  for (let tries = 0; tries < 400 && (href === '' || href === 'about:blank'); tries += 1) {
    await frame.page().waitForTimeout(25);
    href = await where();
  }
  assert.match(href, /^(?:chrome-error|http):/);
  return href.startsWith('http:');
}

const viewIn = (page: Page): Frame | undefined => page.frames().find((each) => each !== page.mainFrame());

async function auditView(page: Page): Promise<void> {
  const frame = viewIn(page);
  assert.ok(frame !== undefined, 'there is a frame');
  assert.deepEqual(await auditOf(frame), [], 'axe finds nothing in the view');
}

function isShown(page: Page): Promise<boolean> {
  return isShownIn(viewIn(page));
}

pageTest(
  'embeds',
  'inside another product a view works with the pages of its link, says when it has ended, and leads nowhere else',
  async (it) => {
    await using parent = await Parent.start();
    const context = await it.newContext({});
    const made = await make(it, {
      name: 'In the product',
      pages: ['templates', 'domains'],
      grants: ['templates:read', 'templates:write', 'templates:preview', 'domains:read'],
      frameAncestors: [parent.origin],
      theme: 'dark',
    });
    const page = await parent.show(context, framing(made.url));
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const view = frameOf(page);
    await view.getByRole('heading', { name: 'Templates', level: 1 }).waitFor();
    assert.deepEqual(await view.getByRole('navigation').getByRole('link').allTextContents(), [
      'Domains',
      'Templates',
    ]);
    assert.equal(await view.getByRole('button', { name: /^Looking at/ }).count(), 0);
    assert.equal(await view.getByRole('button', { name: /^Your menu/ }).count(), 0);
    assert.equal(await view.locator('html').getAttribute('data-mantine-color-scheme'), 'dark');
    await view.getByRole('button', { name: 'New template' }).click();
    const dialogue = view.getByRole('dialog');
    await dialogue.getByRole('textbox', { name: 'Name' }).fill('From the product');
    await auditView(page);
    await dialogue.getByRole('button', { name: /Make|Create/ }).click();
    await view.getByRole('heading', { name: 'From the product', level: 1 }).waitFor();
    await auditView(page);
    const { items } = await it.boss.ok<{ items: { name: string }[] }>('GET', '/templates', {
      headers: { 'lettershop-subaccount': String(it.subaccountId) },
    });
    assert.ok(items.some(({ name }) => name === 'From the product'));
    await view.getByRole('navigation').getByRole('link', { name: 'Domains' }).click();
    await view.getByRole('heading', { name: 'Domains', level: 1 }).waitFor();
    await view.locator('main').evaluate((main) => {
      for (const target of ['_self', '_blank', '_top']) {
        const link = main.ownerDocument.createElement('a');
        Object.assign(link, { href: '/login', target, textContent: `out ${target}` });
        main.append(link);
      }
    });
    for (const target of ['_self', '_blank', '_top'])
      await view.getByRole('link', { name: `out ${target}` }).click();
    await view.getByRole('heading', { name: 'Domains', level: 1 }).waitFor();
    assert.ok(!asked.some((url) => url.includes('/login') || url.includes('/subaccounts')));
    await it.boss.ok('DELETE', `/embeds/${made.id}`);
    // By itself: nobody clicks.
    await view.getByRole('heading', { name: 'This view has ended' }).waitFor();
    await view.getByText('Reload the page around it.').waitFor();
    assert.equal(page.url(), `${parent.origin}/`);
    assert.equal(context.pages().length, 1);
    assert.deepEqual(await context.cookies(), [], 'no cookie is set or needed');
    await context.close();
  },
);

pageTest(
  'embeds',
  'a message with its content is read in a view, in the frame of a frame, and a link that is used again says so',
  async (it) => {
    await using parent = await Parent.start();
    const context = await it.newContext({});
    const [id = ''] = (
      await it.boss.ok<{ messages: { id: string }[] }>('POST', '/messages', {
        headers: { 'lettershop-subaccount': String(it.subaccountId) },
        body: {
          from: { email: 'shop@lettershop.test' },
          to: [{ email: 'framed@inbox.test' }],
          subject: 'A framed letter',
          html: '<p>Framed words.</p>',
        },
      })
    ).messages.map((message) => message.id);
    assert.notEqual(id, '');
    const made = await make(it, {
      pages: ['messages'],
      grants: ['messages:read', 'messages:content', 'events:read'],
      frameAncestors: [parent.origin],
    });
    const page = await parent.show(context, framing(made.url));
    const view = frameOf(page);
    assert.equal(await view.getByRole('navigation').count(), 0, 'one page needs no menu');
    await view
      .getByRole('link', { name: /framed@inbox\.test/ })
      .first()
      .click();
    await view.getByRole('heading', { level: 1 }).waitFor();
    const mail = view.frameLocator('iframe[title="Content of the message"]').frameLocator('iframe');
    await mail.getByText('Framed words.').waitFor();
    await page.reload();
    await frameOf(page).getByRole('heading', { name: 'This view cannot be opened' }).waitFor();
    await context.close();
  },
);

pageTest(
  'embeds',
  'a template is designed in a view, in the frame of a frame, with the snippets of its subaccount and under its policy',
  async (it) => {
    await using parent = await Parent.start();
    const context = await it.newContext({ viewport: { width: 1400, height: 900 } });
    const headers = { 'lettershop-subaccount': String(it.subaccountId) };
    const source =
      '<mjml><mj-body><mj-section><mj-column><mj-text>Dear reader</mj-text></mj-column></mj-section></mj-body></mjml>';
    const { id } = await it.boss.ok<{ id: string }>('POST', '/templates', {
      headers,
      body: {
        name: 'Designed in a view',
        slug: 'designed-in-a-view',
        subject: 'x',
        markup: { mjml: source, inlineCss: false, autoText: true },
      },
    });
    for (const [slug, of] of [
      ['foot-of-harbour', headers],
      ['foot-of-others', {}],
    ] as const) {
      const snippet = await it.boss.ok<{ id: string }>('POST', '/snippets', {
        headers: of,
        body: { name: slug, slug, html: '<p>x</p>' },
      });
      await it.boss.ok('POST', `/snippets/${snippet.id}/publish`, { headers: of, body: {} });
    }
    const made = await make(it, {
      pages: ['templates'],
      grants: ['templates:read', 'templates:write', 'templates:preview'],
      frameAncestors: [parent.origin],
    });
    const said: string[] = [];
    context.on('console', (line) => {
      if (line.type() === 'error') said.push(line.text());
    });
    const page = await parent.show(context, framing(made.url));
    const view = frameOf(page);
    await view.getByRole('link', { name: 'Designed in a view' }).click();
    await view.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Design').click();
    const canvas = view.frameLocator('iframe[title="Design of the mail"]:visible');
    await canvas.getByText('Dear reader').dblclick();
    await page.keyboard.press('Home');
    for (let at = 0; at < 4; at++) await page.keyboard.press('Shift+ArrowRight');
    await view.getByRole('button', { name: 'Bold' }).click();
    await canvas.locator('b').getByText('Dear').waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Escape');
    const put = view.getByLabel('Put in a field or a snippet').first();
    await put.pressSequentially('foot');
    await view.getByRole('option', { name: 'foot-of-harbour' }).waitFor();
    assert.equal(await view.getByRole('option', { name: 'foot-of-others' }).count(), 0);
    await page.keyboard.press('Enter');
    await canvas.getByText('{% render "foot-of-harbour" %}').waitFor();
    await view.getByRole('button', { name: 'Save the draft' }).click();
    await view.getByText('The draft was saved').waitFor();
    const { version } = await it.boss.ok<{ version: { markup: { mjml: string } } }>(
      'GET',
      `/templates/${id}`,
    );
    assert.equal(
      version.markup.mjml,
      source.replace('Dear reader', '<b>Dear</b> reader{% render "foot-of-harbour" %}'),
    );
    // The canvas belongs to this view alone: no other origin can frame it.
    const policy = await page.request.get(`${made.url}/canvas`);
    assert.match(
      policy.headers()['content-security-policy'] ?? '',
      new RegExp(`frame-ancestors 'self' ${parent.origin}`),
    );
    assert.deepEqual(
      said.filter((line) => !/Blocked script execution in '|\/render/.test(line)),
      [],
    );
    await context.close();
  },
);

pageTest(
  'embeds',
  'nobody but the named origins can frame a view, and no other page can be framed at all',
  async (it) => {
    await using parent = await Parent.start();
    await using other = await Parent.start();
    const context = await it.newContext({});
    const made = await make(it, { pages: ['overview'], frameAncestors: [parent.origin] });
    const stranger = await other.show(context, framing(made.url));
    assert.equal(await isShown(stranger), false);
    for (const path of ['/', '/messages', '/login', '/embeds', '/frame', '/canvas']) {
      const page = await parent.show(context, framing(`${it.world.url}${path}`));
      assert.equal(await isShown(page), false, path);
    }
    // The link that was refused to a stranger is still good where it belongs.
    const right = await parent.show(context, framing(made.url));
    await frameOf(right).getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await isShown(right), true);
    // Around its parent stands a stranger: every document above counts.
    const again = await make(it, { pages: ['overview'], frameAncestors: [parent.origin] });
    await parent.show(context, framing(again.url));
    const outer = await other.show(context, `<iframe src="${parent.origin}" title="Outer"></iframe>`);
    const inner = outer.frames().find((frame) => frame.url().startsWith(parent.origin));
    assert.ok(inner !== undefined);
    await inner.locator('iframe').waitFor();
    await outer.waitForLoadState('load');
    const deepest = outer.frames().find((frame) => frame.parentFrame() === inner);
    assert.equal(await isShownIn(deepest), false);
    await context.close();
  },
);

pageTest(
  'embeds',
  'makes a link by hand with the lines of HTML for it, lists it, and ends it',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/embeds');
    await page.getByRole('heading', { name: 'Embedded views', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'New link' }).click();
    const dialogue = page.getByRole('dialog', { name: 'New link' });
    await dialogue.getByRole('textbox', { name: 'Name' }).fill('By hand');
    await dialogue.getByRole('textbox', { name: 'Origins that may frame it' }).fill('https://*.example.com');
    await dialogue.locator('input').and(dialogue.getByLabel('Whose pages')).fill('Harbour');
    await page.getByRole('option', { name: /^Harbour Books/ }).click();
    await dialogue.getByRole('button', { name: 'Make the link' }).click();
    await dialogue.getByText('must be one exact origin').waitFor();
    await window.picture('embeds-new');
    await dialogue
      .getByRole('textbox', { name: 'Origins that may frame it' })
      .fill('https://app.example.com\nhttp://localhost:3000');
    await dialogue.getByRole('button', { name: 'Make the link' }).click();
    await dialogue.getByText('Shown this once').waitFor();
    const snippet = await dialogue.locator('.mono').innerText();
    assert.match(snippet, /^<iframe src="http:\/\/[^"]+\/embed\/[\w-]{43}" title="Mail" sandbox="/);
    await dialogue.getByRole('button', { name: 'Done' }).click();
    const row = page.getByRole('row').filter({ hasText: 'By hand' });
    await row.getByText('waiting', { exact: true }).waitFor();
    await row.getByText('Harbour Books').waitFor();
    await window.picture('embeds');
    await window.check();
    await row.getByRole('button', { name: 'End' }).click();
    await page.getByRole('button', { name: 'End it' }).click();
    await row.waitFor({ state: 'detached' });
    await window.check();
  },
);
