/** The starter library: designs to copy and make one's own, in the native language. */
import { button, foot, page } from './starter-layout.ts';
import type { Starter } from './starter-layout.ts';

export type { Starter } from './starter-layout.ts';

const company = { company: 'Lindenhof Press', address: 'Quay Street 4, Harbourtown' };
const hello = 'Hello{% if name %} {{ name }}{% endif %},';

const welcome: Starter = {
  slug: 'welcome',
  name: 'Welcome',
  labels: ['Accounts'],
  description: 'The first mail after somebody signed up, with one thing to do next',
  subject: 'Welcome to {{ company | default: "us" }}',
  html: page(
    'Welcome',
    'Your account is ready. Here is where to begin.',
    `<h1>Good to have you here</h1>
<p>${hello}</p>
<p>your account is ready. The best way to get to know it is to set up the first thing you came for; it takes about two minutes.</p>
${button('Get started', '{{ start_url }}')}
{% if steps %}<h2>What comes after that</h2>
<ol>{% for step in steps %}<li>{{ step }}</li>{% endfor %}</ol>{% endif %}
<p>Questions? Answer this mail: a person reads it.</p>`,
  ),
  text: `${hello}

your account is ready. The best way to get to know it is to set up the
first thing you came for; it takes about two minutes:

{{ start_url }}
{% if steps %}
What comes after that:
{% for step in steps %}- {{ step }}
{% endfor %}{% endif %}
Questions? Answer this mail: a person reads it.
${foot}`,
  example: {
    ...company,
    name: 'Ada',
    start_url: 'https://example.com/start',
    steps: ['Invite the people you work with', 'Choose what you want to hear about'],
  },
};

const receipt: Starter = {
  slug: 'receipt',
  name: 'Receipt',
  labels: ['Orders'],
  description: 'What was bought and paid, line by line',
  subject: 'Your receipt {{ number }}',
  html: page(
    'Receipt',
    'Thank you. {{ total }} was paid on {{ date }}.',
    `<h1>Thank you for your order</h1>
<p>${hello} we have received {{ total }} on {{ date }}. This is the receipt for your records.</p>
<table class="lines">
<caption class="quiet" style="text-align: left;">Receipt {{ number }}</caption>
<thead><tr><th scope="col">Item</th><th scope="col" class="amount">Amount</th></tr></thead>
<tbody>
{% for item in items %}<tr><td>{{ item.name }}{% if item.quantity %} × {{ item.quantity }}{% endif %}</td><td class="amount">{{ item.amount }}</td></tr>
{% endfor %}{% if tax %}<tr><td>Tax</td><td class="amount">{{ tax }}</td></tr>
{% endif %}<tr><th scope="row">Total</th><td class="amount"><strong>{{ total }}</strong></td></tr>
</tbody>
</table>
{% if paid_with %}<p>Paid with {{ paid_with }}.</p>{% endif %}
{% if order_url %}${button('See the order', '{{ order_url }}')}{% endif %}`,
  ),
  text: `${hello}

we have received {{ total }} on {{ date }}. Receipt {{ number }}:

{% for item in items %}{{ item.name }}{% if item.quantity %} x {{ item.quantity }}{% endif %}: {{ item.amount }}
{% endfor %}{% if tax %}Tax: {{ tax }}
{% endif %}Total: {{ total }}
{% if paid_with %}
Paid with {{ paid_with }}.
{% endif %}{% if order_url %}
The order: {{ order_url }}
{% endif %}${foot}`,
  example: {
    ...company,
    name: 'Ada',
    number: 'R-2081',
    date: '3 May',
    items: [
      { name: 'Notebook, dotted', quantity: 2, amount: '€ 18.00' },
      { name: 'Fountain pen', amount: '€ 34.00' },
    ],
    tax: '€ 8.67',
    total: '€ 60.67',
    paid_with: 'a card that ends in 4242',
    order_url: 'https://example.com/orders/2081',
  },
};

const passwordReset: Starter = {
  slug: 'password-reset',
  name: 'Password reset',
  labels: ['Accounts'],
  description: 'A link to choose a new password, and what to do if nobody asked for it',
  subject: 'Choose a new password',
  html: page(
    'Choose a new password',
    'The link works once, for {{ lifetime | default: "one hour" }}.',
    `<h1>Choose a new password</h1>
<p>${hello} somebody, most likely you, asked for a new password for {{ email }}.</p>
${button('Choose a new password', '{{ reset_url }}')}
<p>The link works once, for {{ lifetime | default: "one hour" }}.</p>
<p><strong>It was not you?</strong> Then do nothing: your password stays as it is, and nobody can change it without this mail.</p>`,
  ),
  text: `${hello}

somebody, most likely you, asked for a new password for {{ email }}.
Choose it here; the link works once, for {{ lifetime | default: "one hour" }}:

{{ reset_url }}

It was not you? Then do nothing: your password stays as it is, and nobody
can change it without this mail.
${foot}`,
  example: {
    ...company,
    name: 'Ada',
    email: 'ada@example.com',
    reset_url: 'https://example.com/reset/7f3a',
    lifetime: '30 minutes',
  },
};

const invitation: Starter = {
  slug: 'invitation',
  name: 'Invitation',
  labels: ['Accounts'],
  description: 'Somebody asks somebody to join a team, and says why',
  subject: '{{ inviter }} invites you to {{ team }}',
  html: page(
    'Invitation',
    '{{ inviter }} would like to work with you in {{ team }}.',
    `<h1>Join {{ team }}</h1>
<p>${hello}</p>
<p>{{ inviter }} would like to work with you in {{ team }}{% if role %} as {{ role }}{% endif %}.</p>
{% if note %}<blockquote style="margin: 0 0 16px; padding: 0 0 0 16px; border-left: 4px solid #7b8794;"><p>{{ note }}</p></blockquote>{% endif %}
${button('Accept the invitation', '{{ accept_url }}')}
<p class="quiet">{% if expires %}The invitation ends on {{ expires }}. {% endif %}If you do not know {{ inviter }}, you can leave this mail unanswered.</p>`,
  ),
  text: `${hello}

{{ inviter }} would like to work with you in {{ team }}{% if role %} as {{ role }}{% endif %}.
{% if note %}
"{{ note }}"
{% endif %}
Accept the invitation: {{ accept_url }}

{% if expires %}The invitation ends on {{ expires }}. {% endif %}If you do not know {{ inviter }}, you can
leave this mail unanswered.
${foot}`,
  example: {
    ...company,
    inviter: 'Bela',
    team: 'the spring catalogue',
    role: 'editor',
    note: 'The proofs are in; your eye is needed on chapter three.',
    accept_url: 'https://example.com/join/19c2',
    expires: '12 May',
  },
};

const newsletter: Starter = {
  slug: 'newsletter',
  name: 'Newsletter',
  labels: ['News'],
  description: 'An opening, some stories with a link each, and a way out',
  subject: '{{ title }}',
  html: page(
    '{{ title }}',
    '{{ intro }}',
    `<h1>{{ title }}</h1>
<p>{{ intro }}</p>
{% for story in stories %}<article>
{% if story.image %}<img src="{{ story.image }}" alt="{{ story.image_alt }}" width="536" style="display: block; width: 100%; height: auto; border-radius: 6px;">{% endif %}
<h2>{{ story.title }}</h2>
<p>{{ story.text }}</p>
<p><a href="{{ story.url }}">Read “{{ story.title }}”</a></p>
</article>
{% endfor %}<p class="quiet">You get this because you asked for our news. <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>`,
  ),
  text: `{{ title }}

{{ intro }}
{% for story in stories %}
{{ story.title }}
{{ story.text }}
{{ story.url }}
{% endfor %}
You get this because you asked for our news. Unsubscribe:
{{ unsubscribe_url }}
${foot}`,
  example: {
    ...company,
    title: 'What the spring brings',
    intro: 'Three new titles, an open door and a press that is older than all of us.',
    stories: [
      {
        title: 'The open door',
        text: 'On the first Saturday of May we show how a page is set, from the case to the press.',
        url: 'https://example.com/open-door',
      },
      {
        title: 'A press from 1889',
        text: 'It came in eleven crates. It prints again.',
        url: 'https://example.com/press',
        image: 'https://example.com/press.jpg',
        image_alt: 'A black hand press beside a window',
      },
    ],
    unsubscribe_url: 'https://example.com/unsubscribe/ada',
  },
};

const notification: Starter = {
  slug: 'notification',
  name: 'Notification',
  labels: ['Operations'],
  description: 'Something happened: what, where, when, and what to do about it',
  subject: '{% if severity %}{{ severity }}: {% endif %}{{ event }}',
  html: page(
    '{{ event }}',
    '{{ summary }}',
    `<h1>{{ event }}</h1>
<p>{{ summary }}</p>
{% if facts %}<table class="lines"><tbody>
{% for fact in facts %}<tr><th scope="row">{{ fact.name }}</th><td>{{ fact.value }}</td></tr>
{% endfor %}</tbody></table>{% endif %}
{% if action_url %}${button('{{ action | default: "See the details" }}', '{{ action_url }}')}{% endif %}
{% if settings_url %}<p class="quiet"><a href="{{ settings_url }}">Choose which of these notifications you get</a></p>{% endif %}`,
  ),
  text: `{{ event }}

{{ summary }}
{% for fact in facts %}
{{ fact.name }}: {{ fact.value }}{% endfor %}
{% if action_url %}
{{ action | default: "See the details" }}: {{ action_url }}
{% endif %}{% if settings_url %}
Choose which of these notifications you get: {{ settings_url }}
{% endif %}${foot}`,
  example: {
    ...company,
    severity: 'Warning',
    event: 'The paper store is nearly empty',
    summary: 'At the pace of this week there is paper for two more days.',
    facts: [
      { name: 'Place', value: 'Store 2, shelf C' },
      { name: 'Left', value: '1,400 sheets' },
    ],
    action: 'Order paper',
    action_url: 'https://example.com/store/2',
    settings_url: 'https://example.com/settings/notifications',
  },
};

export const starters: readonly Starter[] = [
  welcome,
  receipt,
  passwordReset,
  invitation,
  newsletter,
  notification,
];
