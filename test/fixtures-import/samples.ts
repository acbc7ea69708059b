/** A template as other systems write it, and what must (and must never) be in what is made of it. */
type Sample = {
  readonly kind: 'mjml' | 'html';
  readonly source: string;
  readonly says: readonly string[];
  readonly never?: readonly string[];
};

const page = (body: string, head = '') =>
  `<!DOCTYPE html><html><head><meta charset="utf-8"><title>Your order {{order_id}}</title>${head}</head><body style="background-color:#f4f4f4">${body}</body></html>`;

const heading = '<h1>Hello</h1>';

/** Written for the tests, in the manner of MJML's samples and of SendGrid's, Mailgun's and Mailchimp's templates. */
export const samples: Readonly<Record<string, Sample>> = {
  'MJML: a welcome with remote fonts and a head': {
    kind: 'mjml',
    source: `<mjml><mj-head><mj-title>Welcome {{first_name}}</mj-title><mj-preview>Nice to have you with us today</mj-preview>
<mj-font name="Raleway" href="https://fonts.example/css?family=Raleway" />
<mj-attributes><mj-all font-family="Raleway, Arial"></mj-all><mj-text font-size="16px" /></mj-attributes></mj-head>
<mj-body background-color="#eeeeee"><mj-section background-color="#ffffff"><mj-column>
<mj-image width="100px" src="https://img.shop.example/logo.png" alt="Shop" />
<mj-divider border-color="#F45E43"></mj-divider>
<mj-text><h1>Hello {{first_name}}</h1></mj-text>
<mj-button href="{{confirm_url}}">Confirm your address</mj-button>
</mj-column></mj-section></mj-body></mjml>`,
    says: [
      '{{data.first_name}}',
      '{{link data.confirm_url}}',
      '<mj-title>{{subject}}</mj-title><mj-preview>{{preheader}}</mj-preview>',
      'Welcome {first_name}',
      'confirm_url: WebUrl',
    ],
    never: ['fonts.example'],
  },
  'MJML: without a head, with two columns and a table': {
    kind: 'mjml',
    source: `<mjml><mj-body><mj-section><mj-column><mj-text><h1>Receipt</h1></mj-text></mj-column><mj-column><mj-text>{{ order.number }}</mj-text></mj-column></mj-section>
<mj-section><mj-column><mj-table>{{#each order.items}}<tr><td>{{name}}</td><td>{{this.price}}</td></tr>{{/each}}</mj-table></mj-column></mj-section></mj-body></mjml>`,
    says: ['{{#each data.order.items}}', '{{data.order.number}}', 'z.array(z.strictObject('],
  },
  'MJML: a section that depends on something': {
    kind: 'mjml',
    source: `<mjml><mj-head><mj-style inline="inline">.x { color: #333333 }</mj-style></mj-head><mj-body><mj-section><mj-column><mj-text><h1>Hi</h1></mj-text></mj-column></mj-section>
{{#if coupon}}<mj-section><mj-column><mj-text css-class="x">Use {{coupon}}</mj-text></mj-column></mj-section>{{/if}}</mj-body></mjml>`,
    says: ['{{#if data.coupon}}', 'coupon: line(2000).nullish()'],
  },
  'MJML: colours out of the data': {
    kind: 'mjml',
    source: `<mjml><mj-body><mj-section background-color="{{theme.colour}}"><mj-column><mj-text><h1>Hi</h1></mj-text><mj-social><mj-social-element name="web" href="https://www.shop.example/" alt="Our shop">Shop</mj-social-element></mj-social></mj-column></mj-section></mj-body></mjml>`,
    says: ['<mj-section>'],
    never: ['theme'],
  },
  'Postmark: a section that opens a list around its loop': {
    kind: 'html',
    source: page(
      `${heading}{{#files}}<ul>{{#each .}}<li>{{name}}</li>{{/each}}</ul>{{/files}}{{^files}}<p>None</p>{{/files}}`,
    ),
    says: ['{{#with data.files}}<ul>{{#each this}}', '{{#unless data.files}}'],
  },
  'SendGrid: a receipt with a list': {
    kind: 'html',
    source: page(
      `${heading}<table><tbody>{{#each items}}<tr><td>{{this.text}}</td><td><img src="{{this.image}}" width="80"></td><td>{{this.price}}</td></tr>{{/each}}</tbody></table><p>Total: {{total}}</p>`,
    ),
    says: ['{{#each data.items}}', '{{link image}}', '{{data.total}}', 'Your order {order_id}'],
  },
  'SendGrid: insert with a default, comparisons': {
    kind: 'html',
    source: page(
      `${heading}<p>Dear {{insert name "default=customer"}},</p>{{#greaterThan points 100}}<p>Many points</p>{{else}}<p>Some points</p>{{/greaterThan}}{{#equals plan "gold"}}<p>Gold!</p>{{/equals}}`,
    ),
    says: [
      '{{#if data.name}}{{data.name}}{{else}}customer{{/if}}',
      '{{#if (gt data.points 100)}}',
      '{{#if (eq data.plan "gold")}}',
      'points: z.number()',
    ],
  },
  'SendGrid: triple-stash and a link to unsubscribe': {
    kind: 'html',
    source: page(
      `${heading}<p>{{{message}}}</p><p><a href="{{{unsubscribe}}}">Unsubscribe</a> <a href="https://www.shop.example/o/{{order_id}}?from={{source}}">See order</a></p>`,
    ),
    says: [
      '{{#if links.unsubscribe}}',
      '{{link links.unsubscribe}}',
      '{{link "https://www.shop.example/o" data.order_id from=data.source}}',
    ],
    never: ['{{{'],
  },
  'Mailgun: nested fields, with and unless': {
    kind: 'html',
    source: page(
      `${heading}{{#with customer}}<p>{{first}} {{last}}</p>{{/with}}{{#unless paid}}<p>Please pay {{../amount}}{{amount}}</p>{{/unless}}<p>%recipient.city%</p>`,
    ),
    says: ['{{#with data.customer}}', '{{#unless data.paid}}', '{{data.city}}'],
  },
  'Mailgun: an outer field within a list': {
    kind: 'html',
    source: page(
      `${heading}<ul>{{#each lines}}<li>{{this}} in {{../currency}} for {{@root.name}}</li>{{/each}}</ul>`,
    ),
    says: ['{{@root.data.currency}}', '{{@root.data.name}}', 'lines: z.array(line(2000))'],
  },
  'Mailchimp: merge tags': {
    kind: 'html',
    source: page(`${heading}<p>Dear *|FNAME|*, see <a href="*|ORDER_URL|*">your order</a>.</p>`),
    says: ['{{data.fname}}', '{{link data.order_url}}'],
  },
  'html by hand: scripts, fonts, unquoted and unclosed': {
    kind: 'html',
    source: page(
      `<div style="display:none">Your things are on their way to you</div>${heading}<p onclick="x()">One<p>Two<table width=600><tr><td align=center>Hi {{name}}<br>there</table><script>alert(1)</script>`,
      '<link href="https://fonts.example/x" rel="stylesheet"><style>@import url(x.css); @font-face { src: url(y) } .a { color: #333 }</style>',
    ),
    says: ['Your things are on their way to you', '<table width=600>', '.a { color: #333 }'],
    never: ['<script', 'onclick', 'fonts.example', '@import', '@font-face'],
  },
  'html by hand: for Outlook, with comments and a field in an attribute': {
    kind: 'html',
    source: page(
      `<!-- header --><!--[if mso]><table><tr><td><![endif]-->${heading}<img src="https://img.shop.example/a.png" alt="{{product}} in {{colour}}" width="10"><!--[if mso]></td></tr></table><![endif]-->{{! a comment }}`,
    ),
    says: ['alt="{{data.product}} in {{data.colour}}"'],
    never: ['a comment'],
  },
};
