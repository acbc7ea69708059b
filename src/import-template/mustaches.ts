import { isPath, isString } from '../render/handlebars/handlebars-ast.ts';
import { Calls, isComparison, printedKind, Unsaid } from './calls.ts';
import { type Field, use } from './fields.ts';
import { open, type Place } from './notes.ts';
import { braces, type Call, readSaid } from './said.ts';
import { Scopes } from './scopes.ts';

type Path = hbs.AST.PathExpression;

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

export function rewriter({
  root,
  place: first,
  isPostmarks,
  partial: takeIn,
}: RewriterSetting): Rewriter {
  const scopes = new Scopes(root, isPostmarks);
  const calls = new Calls(scopes);
  const said = 'fields are read from the message’s data: {{name}} is {{data.name}}';
  scopes.onRoot = () => first.notes.changed.add(said);
  return within(first);

  /** A block that could not be read is shown. */
  function shown(): string {
    scopes.condition('if');
    return '{{#if true}}';
  }

  function enter(
    block: 'each' | 'with',
    { field, path, names = [] }: { field: Field | null; path: Path; names?: readonly string[] },
  ) {
    if (field) scopes.enter(block, field, path, names);
    else scopes.condition(block);
  }

  function within(place: Place): Rewriter {
    const whereOf = (at: number) => `${place.file}:${place.lineOf(at)}`;
    /** Says what can't be said, and leaves it out. */
    const orLeftOut = (source: string, at: number, make: () => string, then = () => ''): string => {
      try {
        return make();
      } catch (error) {
        if (!(error instanceof Unsaid)) throw error;
        open(
          place,
          at,
          `${source} is left out, for ${error.message}; send what it would give as a field of its own, and write {{data.…}}`,
        );
        return then();
      }
    };
    const note = (what: string) => place.notes.changed.add(what);

    function text(source: string, at: number): string {
      const { unescaped, opening, inner, closing } = braces(source);
      const wrap = (content: string) => `${opening}${content}${closing}`;
      const what = readSaid(inner);
      switch (what.kind) {
        case 'comment':
          return '';
        case 'else':
          scopes.otherwise();
          return wrap('else');
        case 'close': {
          const closes = scopes.leave();
          if (closes === undefined) open(place, at, `${source} closes nothing: it is left out`);
          return closes === undefined || closes === '' ? '' : wrap(`/${closes}`);
        }
        case 'partial':
          return partial(source, what.name, at);
        case 'unreadable':
          open(place, at, `${source} can’t be read (${what.why}): it is left out`);
          return '';
        case 'open':
          return orLeftOut(source, at, () => wrap(`#${opened(what.call, at)}`), shown);
        case 'inverted': {
          const asked = scopes.find(what.call.path, 'flag', whereOf(at)).written;
          scopes.condition('unless', what.call.path);
          note('{{^name}} is {{#unless name}}');
          return wrap(`#unless ${asked}`);
        }
        case 'else-if':
          scopes.otherwise();
          return orLeftOut(
            source,
            at,
            () => wrap(`else ${chained(what.call, at)}`),
            () => '{{else}}',
          );
        case 'value':
          if (unescaped)
            open(
              place,
              at,
              `${source} puts html into the mail unescaped: it is written as text now; html of a field has to become markup of the template`,
            );
          return orLeftOut(source, at, () => value(what.call, at, wrap));
        default:
          return what satisfies never;
      }
    }

    function partial(source: string, name: string, at: number): string {
      if (source.includes('#')) scopes.condition('');
      if (takeIn(name, rewriting)) return `{{> ${name.replace(/[^\w-]/g, '-')}}}`;
      open(
        place,
        at,
        `${source} names a partial that wasn’t found beside the file: it is left out; write it into the template’s folder and put {{> ${name.replace(/[^\w-]/g, '-')}}} back`,
      );
      return '';
    }

    function value(call: Call, at: number, wrap: (content: string) => string): string {
      const { path, params, hash } = call;
      const where = whereOf(at);
      const name = path.original;
      const [subject] = params;
      if (name === 'insert' && subject) {
        const given = params.slice(1).find(isString)?.value ?? '';
        const named = hash?.pairs.find(({ key }) => key === 'default')?.value;
        const fallback = isString(named) ? named.value : /default=([\s\S]*)/.exec(given)?.[1];
        const written = calls.expression(subject, 'text', where);
        if (fallback === undefined) return wrap(written);
        calls.expression(subject, 'flag', where);
        note('{{insert …}} is {{#if …}} with its default as {{else}}');
        return `{{#if ${written}}}{{${written}}}{{else}}${fallback.replace(/^["']|["']$/g, '')}{{/if}}`;
      }
      if (name === 'formatDate' && subject) {
        const written = calls.expression(subject, 'date', where);
        // Its zone: mails have the brand's.
        for (const other of params.slice(1)) calls.expression(other, 'flag', where);
        const style = styleOf(params.slice(1).find(isString)?.value ?? '');
        note('{{formatDate …}} is {{date …}}: in the order of the mail’s language');
        return wrap(`date ${written} "${style}"`);
      }
      if (name === 'length' && subject) return wrap(calls.lengthOf(subject, where));
      if (params.length > 0) return wrap(calls.called(path, params, where).replace(/^\(|\)$/g, ''));
      return wrap(calls.expression(path, printedKind(path), where));
    }

    function condition({ path, params }: Call, at: number): string {
      const [subject] = params;
      if (isComparison(path.original)) return calls.called(path, params, whereOf(at));
      if (!subject) throw new Unsaid('it asks for nothing');
      return calls.expression(subject, 'flag', whereOf(at));
    }

    function opened(call: Call, at: number): string {
      const { path, params, hash, names } = call;
      const block = path.original;
      const where = whereOf(at);
      const [subject] = params;
      if (block === 'if' || block === 'unless' || isComparison(block)) {
        const zero = hash?.pairs.some(({ key }) => key === 'includeZero')
          ? ' includeZero=true'
          : '';
        const asked = condition(call, at);
        const helper = block === 'unless' ? 'unless' : 'if';
        if (helper !== block) note(`{{#${block} …}} is {{#if …}} with a comparison`);
        scopes.condition(helper);
        return `${helper} ${asked}${zero}`;
      }
      if ((block === 'each' || block === 'with') && subject && isPath(subject)) {
        const { written, field } = scopes.find(subject, block === 'each' ? 'list' : 'group', where);
        enter(block, { field, path: subject, names });
        if (field && place.makesColumns(at)) field.most = 12;
        if (field && block === 'with') field.asked = true;
        return `${block} ${written}${asNames(names)}`;
      }
      if (params.length === 0) return section(call, at);
      throw new Unsaid(`there is no {{#${block}}} in Laurel`);
    }

    /** `{{#name}}` may be a list, a group or a condition: an example says which, else its name has to. */
    function section({ path }: Call, at: number): string {
      const found = scopes.find(path, 'flag', whereOf(at));
      if (place.loopsItself(at) && found.field) {
        use(found.field, [], { kind: 'list', where: whereOf(at), conditional: true });
        note(
          '{{#list}} around {{#each .}} is {{#with list}}: it opens the list, and the loop in it goes over it, as at Postmark',
        );
        enter('with', { field: found.field, path });
        return `with ${found.written}`;
      }
      const name = path.parts.at(-1) ?? '';
      const given = found.field?.given ? found.field.kind : null;
      const block =
        given === 'list' || (given === null && /[^s]s$/i.test(name))
          ? 'each'
          : given === 'group' ||
              (given === null && !/^(is|has|show|include|with|can|if)[_A-Z]|ed$/.test(name))
            ? 'with'
            : 'if';
      const kind = { each: 'list', with: 'group', if: 'flag' } as const;
      if (given === null)
        open(
          place,
          at,
          `{{#${path.original}}} is read as {{#${block} …}}; if it is ${block === 'each' ? 'one thing, write {{#with …}}' : block === 'with' ? 'a list, write {{#each …}}; if it is yes or no, {{#if …}}' : 'a list, write {{#each …}}'}`,
        );
      if (found.field && block !== 'if')
        use(found.field, [], { kind: kind[block], where: whereOf(at), conditional: true });
      if (block === 'if') scopes.condition('if', path);
      else enter(block, { field: found.field, path });
      return `${block} ${found.written}`;
    }

    function chained(call: Call, at: number): string {
      const { path } = call;
      if (path.original === 'if' || path.original === 'unless')
        return `${path.original} ${condition(call, at)}`;
      if (isComparison(path.original)) return `if ${condition(call, at)}`;
      throw new Unsaid(`there is no {{else ${path.original}}} in Laurel`);
    }

    const rewriting: Rewriter = {
      text,
      in: within,
      printed: (source, at, kind) => {
        const what = readSaid(braces(source).inner);
        if (what.kind !== 'value') return null;
        const { path, params } = what.call;
        try {
          if (params.length > 0) return calls.called(path, params, whereOf(at));
          return calls.expression(path, kind, whereOf(at));
        } catch (error) {
          if (error instanceof Unsaid) return null;
          throw error;
        }
      },
    };
    return rewriting;
  }
}

const asNames = (names: readonly string[]) => (names.length > 0 ? ` as |${names.join(' ')}|` : '');

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
