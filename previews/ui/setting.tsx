import type { BrandEntry, PersonaEntry } from '../protocol.ts';
import { PersonaPicker } from './persona-picker.tsx';
import type { Go, Place } from './place.ts';

type Props = {
  readonly place: Place;
  readonly brand: BrandEntry;
  readonly personas: readonly PersonaEntry[];
  readonly persona: PersonaEntry;
  /** The instant the shown mail was made for. */
  readonly at: string | null;
  readonly go: Go;
  readonly onPersona: (id: string) => void;
};

/** Who gets the mail, in which language, and when: one line that reads as a sentence. */
export function Setting({ place, brand, personas, persona, at, go, onPersona }: Props) {
  return (
    <div className="setting">
      <PersonaPicker personas={personas} persona={persona} onChoose={onPersona} />
      <label className="field">
        <span>Language</span>
        <select
          value={place.locale ?? ''}
          onChange={({ target }) => go({ locale: target.value === '' ? null : target.value })}
        >
          <option value="">Their own: {languageName(persona.locale)}</option>
          {brand.locales.map((locale) => (
            <option key={locale} value={locale}>
              {languageName(locale)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>As of</span>
        <input
          type="date"
          value={(place.at ?? at ?? '').slice(0, 10)}
          onChange={({ target }) =>
            go({ at: target.value === '' ? null : target.value }, { gesture: 'at' })
          }
        />
      </label>
    </div>
  );
}

function languageName(locale: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'language' }).of(locale) ?? locale;
  } catch {
    return locale;
  }
}
