import { jsonOrText } from '../../src/core/json-or-text.ts';
import type { Field, RenderAnswer } from '../protocol.ts';

type Props = {
  readonly answer: RenderAnswer;
  /** A value as it stands in the address: JSON where it is some; empty takes it away. */
  readonly onData: (path: string, value: string) => void;
  readonly onCancelled: (cancelled: boolean) => void;
};

/** The message's data as a form, made from the template's schema. */
export function Message({ answer, onData, onCancelled }: Props) {
  const { form, cancelled } = answer;
  return (
    <div className="controls">
      {cancelled !== null && (
        <label className="knob row">
          <span>Cancelled since</span>
          <input
            type="checkbox"
            role="switch"
            checked={cancelled}
            onChange={({ target }) => onCancelled(target.checked)}
          />
        </label>
      )}
      {form.length === 0 && (
        <p className="quiet">This mail takes no data: all it says comes from the member.</p>
      )}
      {form.map((field) => (
        <Entry key={field.path} field={field} onData={onData} />
      ))}
    </div>
  );
}

type EntryProps = { readonly field: Field; readonly onData: Props['onData'] };

function Entry({ field, onData }: EntryProps) {
  const { path, label, optional } = field;
  switch (field.kind) {
    case 'group':
      return (
        <fieldset className="group">
          <legend>{label}</legend>
          {field.fields.map((one) => (
            <Entry key={one.path} field={one} onData={onData} />
          ))}
        </fieldset>
      );
    case 'list':
      return <List field={field} onData={onData} />;
    case 'switch':
      return (
        <label className="knob row">
          <span>{label}</span>
          <input
            type="checkbox"
            role="switch"
            checked={field.value ?? false}
            onChange={({ target }) => onData(path, String(target.checked))}
          />
        </label>
      );
    case 'select':
      return (
        <label className="knob row">
          <span>{label}</span>
          <select value={field.value ?? ''} onChange={({ target }) => onData(path, target.value)}>
            {(optional || field.value === null) && <option value="">none</option>}
            {field.options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        </label>
      );
    case 'number':
      return (
        <label className="knob row">
          <span>{label}</span>
          <input
            type="number"
            value={field.value ?? ''}
            placeholder={optional ? 'none' : ''}
            onChange={({ target }) => onData(path, target.value)}
          />
        </label>
      );
    case 'text':
    case 'day':
    case 'instant':
      return (
        <label className="knob row">
          <span>{label}</span>
          <Line key={field.value} field={field} onData={onData} />
        </label>
      );
    default:
      return field satisfies never;
  }
}

/** Taken over when it is left, or with Enter: half a value mostly fits no schema. */
function Line({
  field: { path, value, optional, kind },
  onData,
}: {
  readonly field: Extract<Field, { kind: 'text' | 'day' | 'instant' }>;
  readonly onData: Props['onData'];
}) {
  const take = (text: string) => {
    if (text !== (value ?? '')) onData(path, encoded(text));
  };
  return (
    <input
      type={kind === 'day' ? 'date' : 'text'}
      defaultValue={value ?? ''}
      placeholder={optional ? 'none' : ''}
      onBlur={({ target }) => take(target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take(event.currentTarget.value);
      }}
    />
  );
}

function List({
  field,
  onData,
}: {
  field: Extract<Field, { kind: 'list' }>;
  onData: Props['onData'];
}) {
  const { path, label, entries, value, blank } = field;
  const replace = (list: readonly unknown[]) => onData(path, JSON.stringify(list));
  // An edit within a list is one of the list: its entries may have moved since.
  const onInner = (inner: string, text: string) => replace(withInner(value, path, inner, text));
  return (
    <fieldset className="group">
      <legend>
        {label} <span className="count">{entries.length}</span>
      </legend>
      {entries.slice(0, shownEntries).map((fields, index) => (
        // An entry has no name but its place.
        <details key={index} className="entry-of-list">
          <summary>{titleOf(value[index], index)}</summary>
          {fields.map((one) => (
            <Entry key={one.path} field={one} onData={onInner} />
          ))}
          <button
            type="button"
            className="plain"
            onClick={() => replace(value.filter((_, other) => other !== index))}
          >
            Take this one out
          </button>
        </details>
      ))}
      {entries.length > shownEntries && (
        <p className="quiet">and {entries.length - shownEntries} more</p>
      )}
      <button type="button" className="button" onClick={() => replace([...value, blank])}>
        Add one
      </button>
    </fieldset>
  );
}

/** A form of sixty lines helps nobody. */
const shownEntries = 12;

function titleOf(entry: unknown, index: number): string {
  if (typeof entry === 'string' || typeof entry === 'number') return String(entry);
  if (typeof entry === 'object' && entry !== null)
    for (const [key, value] of Object.entries(entry))
      if (['name', 'title', 'flight', 'carrier'].includes(key)) return String(value);
  return `No. ${index + 1}`;
}

function withInner(list: readonly unknown[], path: string, inner: string, text: string): unknown[] {
  const keys = inner.slice(path.length + 1).split('.');
  const copy: unknown[] = structuredClone([...list]);
  const last = keys.pop() ?? '';
  let holder: unknown = copy;
  for (const key of keys) holder = memberOf(holder, key);
  if (typeof holder === 'object' && holder !== null) {
    if (text === '') Reflect.deleteProperty(holder, last);
    else Reflect.set(holder, last, jsonOrText(text));
  }
  return copy;
}

function memberOf(holder: unknown, key: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  const found: unknown = Reflect.get(holder, key);
  if (found !== undefined) return found;
  const made = {};
  Reflect.set(holder, key, made);
  return made;
}

/** A text that would be read as something else in an address is written as JSON. */
function encoded(text: string): string {
  return jsonOrText(text) === text ? text : JSON.stringify(text);
}
