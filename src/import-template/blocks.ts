import { isPath } from '../render/handlebars/handlebars-ast.ts';
import { type Calls, isComparison, Unsaid } from './calls.ts';
import { type Field, use } from './fields.ts';
import { open, type Place, whereOf } from './notes.ts';
import type { Call } from './said.ts';
import type { Scopes } from './scopes.ts';

type Path = hbs.AST.PathExpression;

/** What opens a block in the words of other systems, in Laurel's. Each may throw `Unsaid`. */
export class Blocks {
  readonly #scopes: Scopes;
  readonly #calls: Calls;
  readonly #place: Place;

  constructor(scopes: Scopes, calls: Calls, place: Place) {
    this.#scopes = scopes;
    this.#calls = calls;
    this.#place = place;
  }

  #enter(
    block: 'each' | 'with',
    { field, path, names = [] }: { field: Field | null; path: Path; names?: readonly string[] },
  ): void {
    if (field) this.#scopes.enter(block, field, path, names);
    else this.#scopes.condition(block);
  }

  opened(call: Call, at: number): string {
    const { path, params, hash, names } = call;
    const block = path.original;
    const where = whereOf(this.#place, at);
    const [subject] = params;
    if (block === 'if' || block === 'unless' || isComparison(block)) {
      const zero = hash?.pairs.some(({ key }) => key === 'includeZero') ? ' includeZero=true' : '';
      const asked = this.condition(call, at);
      const helper = block === 'unless' ? 'unless' : 'if';
      if (helper !== block)
        this.#place.notes.changed.add(`{{#${block} …}} is {{#if …}} with a comparison`);
      this.#scopes.condition(helper);
      return `${helper} ${asked}${zero}`;
    }
    if ((block === 'each' || block === 'with') && subject && isPath(subject)) {
      const { written, field } = this.#scopes.find(
        subject,
        block === 'each' ? 'list' : 'group',
        where,
      );
      this.#enter(block, { field, path: subject, names });
      if (field && this.#place.makesColumns(at)) field.most = 12;
      if (field && block === 'with') field.asked = true;
      return `${block} ${written}${asNames(names)}`;
    }
    if (params.length === 0) return this.#section(call, at);
    throw new Unsaid(`there is no {{#${block}}} in Laurel`);
  }

  /** `{{#name}}` may be a list, a group or a condition: an example says which, else its name has to. */
  #section({ path }: Call, at: number): string {
    const found = this.#scopes.find(path, 'flag', whereOf(this.#place, at));
    if (this.#place.loopsItself(at) && found.field) {
      use(found.field, [], { kind: 'list', where: whereOf(this.#place, at), conditional: true });
      this.#place.notes.changed.add(
        '{{#list}} around {{#each .}} is {{#with list}}: it opens the list, and the loop in it goes over it, as at Postmark',
      );
      this.#enter('with', { field: found.field, path });
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
        this.#place,
        at,
        `{{#${path.original}}} is read as {{#${block} …}}; if it is ${block === 'each' ? 'one thing, write {{#with …}}' : block === 'with' ? 'a list, write {{#each …}}; if it is yes or no, {{#if …}}' : 'a list, write {{#each …}}'}`,
      );
    if (found.field && block !== 'if')
      use(found.field, [], {
        kind: kind[block],
        where: whereOf(this.#place, at),
        conditional: true,
      });
    if (block === 'if') this.#scopes.condition('if', path);
    else this.#enter(block, { field: found.field, path });
    return `${block} ${found.written}`;
  }

  chained(call: Call, at: number): string {
    const { path } = call;
    if (path.original === 'if' || path.original === 'unless')
      return `${path.original} ${this.condition(call, at)}`;
    if (isComparison(path.original)) return `if ${this.condition(call, at)}`;
    throw new Unsaid(`there is no {{else ${path.original}}} in Laurel`);
  }

  condition({ path, params }: Call, at: number): string {
    const [subject] = params;
    if (isComparison(path.original))
      return this.#calls.called(path, params, whereOf(this.#place, at));
    if (!subject) throw new Unsaid('it asks for nothing');
    return this.#calls.expression(subject, 'flag', whereOf(this.#place, at));
  }
}

const asNames = (names: readonly string[]) => (names.length > 0 ? ` as |${names.join(' ')}|` : '');
