import { isString } from '../render/handlebars/handlebars-ast.ts';
import { Blocks } from './blocks.ts';
import { Calls, printedKind, Unsaid } from './calls.ts';
import type { Field } from './fields.ts';
import { open, type Place, whereOf } from './notes.ts';
import { braces, type Call, readSaid } from './said.ts';
import { Scopes } from './scopes.ts';

/** Reads the `{{…}}` of other systems in the order they stand and says each in Laurel's words. */
export type Rewriter = {
  /** One `{{…}}` in text or an ordinary attribute. */
  readonly text: (source: string, at: number) => string;
  /** The expression a `{{…}}` prints, as a helper takes it; null where it prints none. */
  readonly printed: (source: string, at: number, kind: Field['kind']) => string | null;
  /** Moves on to another file, with the same fields and open blocks. */
  readonly in: (place: Place) => Rewriter;
};

export type RewriterSetting = {
  readonly root: Field;
  readonly place: Place;
  /** Whether it is in the words of Postmark's engine alone. */
  readonly isPostmarks: boolean;
  /** Takes a partial in, where there is one of this name: it is read as what it is where it stands. */
  readonly partial: (name: string, words: Rewriter) => boolean;
};

export function rewriter(setting: RewriterSetting): Rewriter {
  const { root, isPostmarks, place } = setting;
  const scopes = new Scopes(root, isPostmarks);
  const said = 'fields are read from the message’s data: {{name}} is {{data.name}}';
  scopes.onRoot = () => place.notes.changed.add(said);
  return new Mustaches(setting, scopes, place);
}

class Mustaches implements Rewriter {
  readonly #setting: RewriterSetting;
  readonly #scopes: Scopes;
  readonly #calls: Calls;
  readonly #blocks: Blocks;
  readonly #place: Place;

  constructor(setting: RewriterSetting, scopes: Scopes, place: Place) {
    this.#setting = setting;
    this.#scopes = scopes;
    this.#calls = new Calls(scopes);
    this.#blocks = new Blocks(scopes, this.#calls, place);
    this.#place = place;
  }

  readonly in = (place: Place): Rewriter => new Mustaches(this.#setting, this.#scopes, place);

  printed(source: string, at: number, kind: Field['kind']): string | null {
    const what = readSaid(braces(source).inner);
    if (what.kind !== 'value') return null;
    const { path, params } = what.call;
    try {
      if (params.length > 0) return this.#calls.called(path, params, whereOf(this.#place, at));
      return this.#calls.expression(path, kind, whereOf(this.#place, at));
    } catch (error) {
      if (error instanceof Unsaid) return null;
      throw error;
    }
  }

  text(source: string, at: number): string {
    const { unescaped, opening, inner, closing } = braces(source);
    const wrap = (content: string) => `${opening}${content}${closing}`;
    const what = readSaid(inner);
    switch (what.kind) {
      case 'comment':
        return '';
      case 'else':
        this.#scopes.otherwise();
        return wrap('else');
      case 'close': {
        const closes = this.#scopes.leave();
        if (closes === undefined) open(this.#place, at, `${source} closes nothing: it is left out`);
        return closes === undefined || closes === '' ? '' : wrap(`/${closes}`);
      }
      case 'partial':
        return this.#partial(source, what.name, at);
      case 'unreadable':
        open(this.#place, at, `${source} can’t be read (${what.why}): it is left out`);
        return '';
      case 'open':
        return this.#orLeftOut(
          source,
          at,
          () => wrap(`#${this.#blocks.opened(what.call, at)}`),
          () => this.#shown(),
        );
      case 'inverted': {
        const asked = this.#scopes.find(what.call.path, 'flag', whereOf(this.#place, at)).written;
        this.#scopes.condition('unless', what.call.path);
        this.#place.notes.changed.add('{{^name}} is {{#unless name}}');
        return wrap(`#unless ${asked}`);
      }
      case 'else-if':
        this.#scopes.otherwise();
        return this.#orLeftOut(
          source,
          at,
          () => wrap(`else ${this.#blocks.chained(what.call, at)}`),
          () => '{{else}}',
        );
      case 'value':
        if (unescaped)
          open(
            this.#place,
            at,
            `${source} puts html into the mail unescaped: it is written as text now; html of a field has to become markup of the template`,
          );
        return this.#orLeftOut(source, at, () => this.#value(what.call, at, wrap));
      default:
        return what satisfies never;
    }
  }

  /** A block that could not be read is shown. */
  #shown(): string {
    this.#scopes.condition('if');
    return '{{#if true}}';
  }

  /** Says what can't be said, and leaves it out. */
  #orLeftOut(source: string, at: number, make: () => string, then = () => ''): string {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof Unsaid)) throw error;
      open(
        this.#place,
        at,
        `${source} is left out, for ${error.message}; send what it would give as a field of its own, and write {{data.…}}`,
      );
      return then();
    }
  }

  #partial(source: string, name: string, at: number): string {
    if (source.includes('#')) this.#scopes.condition('');
    if (this.#setting.partial(name, this)) return `{{> ${name.replace(/[^\w-]/g, '-')}}}`;
    open(
      this.#place,
      at,
      `${source} names a partial that wasn’t found beside the file: it is left out; write it into the template’s folder and put {{> ${name.replace(/[^\w-]/g, '-')}}} back`,
    );
    return '';
  }

  #value(call: Call, at: number, wrap: (content: string) => string): string {
    const { path, params, hash } = call;
    const where = whereOf(this.#place, at);
    const name = path.original;
    const [subject] = params;
    if (name === 'insert' && subject) {
      const given = params.slice(1).find(isString)?.value ?? '';
      const named = hash?.pairs.find(({ key }) => key === 'default')?.value;
      const fallback = isString(named) ? named.value : /default=([\s\S]*)/.exec(given)?.[1];
      const written = this.#calls.expression(subject, 'text', where);
      if (fallback === undefined) return wrap(written);
      this.#calls.expression(subject, 'flag', where);
      this.#place.notes.changed.add('{{insert …}} is {{#if …}} with its default as {{else}}');
      return `{{#if ${written}}}{{${written}}}{{else}}${fallback.replace(/^["']|["']$/g, '')}{{/if}}`;
    }
    if (name === 'formatDate' && subject) {
      const written = this.#calls.expression(subject, 'date', where);
      // Its zone: mails have the brand's.
      for (const other of params.slice(1)) this.#calls.expression(other, 'flag', where);
      const style = styleOf(params.slice(1).find(isString)?.value ?? '');
      this.#place.notes.changed.add(
        '{{formatDate …}} is {{date …}}: in the order of the mail’s language',
      );
      return wrap(`date ${written} "${style}"`);
    }
    if (name === 'length' && subject) return wrap(this.#calls.lengthOf(subject, where));
    if (params.length > 0)
      return wrap(this.#calls.called(path, params, where).replace(/^\(|\)$/g, ''));
    return wrap(this.#calls.expression(path, printedKind(path), where));
  }
}

/** Laurel's style nearest to a pattern such as `MMMM DD, YYYY`. */
function styleOf(pattern: string): string {
  const time = /h|H/.test(pattern);
  const day = /D/.test(pattern);
  if (time) return day ? 'dateTime' : 'time';
  if (/^[^D]*M+[^D]*Y+[^D]*$/.test(pattern)) return 'monthYear';
  if (/ddd/.test(pattern)) return 'weekday';
  if (!/Y/.test(pattern) && day) return 'dayMonth';
  return /MMMM/.test(pattern) || pattern === '' ? 'long' : 'short';
}
